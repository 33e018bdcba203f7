using System.Diagnostics;
using System.Globalization;
using RcuModel.Mm;
using RcuModel.Scripts;

namespace RcuModel.Bench;

/// <summary>
/// A tree of processes that have forked each other, with pages that all of them map: how long it takes to build, what memory it
/// takes here and would take in Linux, what a walk costs for each mapping it finds, and how long it takes to end.
/// </summary>
internal static class ForkTree
{
    private const int ProcessesUsually = 10_000;
    private const int PagesUsually = 100;
    private const int Repeats = 21;

    // Each process forks as many before its children do.
    private const int Width = 10;

    public static int Run(string[] options)
    {
        int processes = ProcessesUsually;
        int pages = PagesUsually;
        if (options.Length > 2
            || (options.Length > 0 && !int.TryParse(options[0], NumberStyles.None, CultureInfo.InvariantCulture, out processes))
            || (options.Length > 1 && !int.TryParse(options[1], NumberStyles.None, CultureInfo.InvariantCulture, out pages))
            || processes < 1 || pages < 1)
        {
            Console.Error.WriteLine("forks takes a number of processes and a number of pages that each maps, both from 1.");
            return 1;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{processes:N0} processes, {pages:N0} pages each, {(long)processes * pages:N0} mappings"));
        Console.WriteLine("design        build    walk of a page all map      memory here   reverse map in Linux   end");
        foreach (string name in ModelDesign.Names)
            Measure(name, processes, pages);
        return 0;
    }

    private static void Measure(string name, int processes, int pages)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long start = Stopwatch.GetTimestamp();
        ModelDesign design = ModelDesign.Create(name)!;
        using var system = new MmSystem(new MmConfig { TablesPerMm = (pages / 512) + 1 }, design.ReverseMap);
        var all = new List<MmStruct>(processes) { MmStruct.Create(system, "p0")! };
        Check(all[0].Map(0, pages));
        for (long page = 0; page < pages; page++)
            Check(all[0].Write(page, page));
        while (all.Count < processes)
        {
            MmStruct? child = all[(all.Count - 1) / Width].Fork("p" + all.Count.ToString(CultureInfo.InvariantCulture), out Errno error);
            Check(error);
            all.Add(child!);
        }

        TimeSpan built = Stopwatch.GetElapsedTime(start);
        long memory = GC.GetTotalMemory(forceFullCollection: true) - before;

        Folio folio = all[0].EntryOf(0)!.Folio!;
        var walks = new double[Repeats];
        int found = folio.MapCount.ReadOnce();
        for (int i = 0; i < Repeats; i++)
        {
            // What reclaim asks first: who maps it, and was it used?
            start = Stopwatch.GetTimestamp();
            folio.Lock.Lock();
            _ = system.CountReferences(folio);
            folio.Lock.Unlock();
            walks[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / found;
        }

        Array.Sort(walks);
        long modelled = design.ModelledBytes(all);
        start = Stopwatch.GetTimestamp();
        foreach (MmStruct mm in all)
            mm.Put();
        TimeSpan ended = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-12} {built.TotalSeconds,5:0.0} s {walks[Repeats / 2],7:0} ns for each of {found:N0} {memory / 1048576.0,9:N0} MiB {modelled / 1024.0,13:N0} KiB {ended.TotalSeconds,10:0.0} s"));
    }

    private static void Check(Errno error)
    {
        if (error != Errno.None)
            throw new InvalidOperationException($"The tree could not be built: {error}");
    }
}
