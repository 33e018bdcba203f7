using System.Globalization;
using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>A process and its descendants, made for one question: what walks from some of their folios have to do.</summary>
internal sealed class WalkedFamily : IDisposable
{
    private const int EntriesPerTable = 16;

    private readonly MeasuredMap _map;
    private readonly MmSystem _system;
    private readonly List<MmStruct> _all = [];
    private readonly List<WalkedFolios> _walked = [];
    private MappedFile? _file;
    private int _made;

    /// <summary>Makes the first process.</summary>
    /// <param name="design">The design of the reverse map.</param>
    /// <param name="pages">How many pages an address space has, at least.</param>
    /// <param name="rules">Which version of Linux; null for the usual one.</param>
    public WalkedFamily(ContentionDesign design, int pages, KernelRules? rules = null)
    {
        Design = design;
        _map = new MeasuredMap(design.Create());
        var config = new MmConfig
        {
            EntriesPerTable = EntriesPerTable,
            TablesPerMm = (pages + EntriesPerTable - 1) / EntriesPerTable,
            Grain = Grain.Accesses,
            Rules = rules ?? KernelRules.V6_18,
        };
        _system = new MmSystem(config, _map);
        First = MmStruct.Create(_system, "p0")!;
        _all.Add(First);
    }

    public ContentionDesign Design { get; }

    public MmStruct First { get; }

    /// <summary>All processes that have not exited, parents before their children.</summary>
    public IReadOnlyList<MmStruct> All => _all;

    /// <summary>From where walks are measured.</summary>
    public IReadOnlyList<WalkedFolios> Walked => _walked;

    /// <summary>What the reverse map takes of memory, for each process.</summary>
    public double BytesPerProcess => (double)Design.ModelledBytes(_all) / _all.Count;

    /// <summary>How many ranges the remap tables have, for each process; none where the design has no such tables.</summary>
    public double RangesPerProcess => (double)CowMemory.Of(_all).Ranges / _all.Count;

    /// <summary>How many VMAs there are, for each process.</summary>
    public double VmasPerProcess => (double)_all.Sum(static mm => mm.AllVmas.Count()) / _all.Count;

    /// <summary>How often ranges of a file were not merged because their copies have places of their own.</summary>
    public long LostMerges => _all.Sum(static mm => mm.LostMerges);

    /// <summary>A private mapping of a page of a file.</summary>
    public void MapFile(long page, long filePage)
    {
        _file ??= new MappedFile(_system, (int)_system.Config.Pages);
        ProcessTree.Must(First.MapFile(page, 1, VmFlags.Read | VmFlags.Write, _file, filePage));
    }

    /// <summary>A mapping whose pages have been written.</summary>
    public void MapWritten(long start, long pages)
    {
        ProcessTree.Must(First.Map(start, pages));
        for (long page = start; page < start + pages; page++)
            Write(First, page);
    }

    public MmStruct Fork(MmStruct parent)
    {
        MmStruct? child = parent.Fork("p" + (++_made).ToString(CultureInfo.InvariantCulture), out Errno errno);
        ProcessTree.Must(errno);
        _all.Add(child!);
        return child!;
    }

    public void Exit(MmStruct mm)
    {
        _all.Remove(mm);
        mm.Put();
    }

    public static void Write(MmStruct mm, long page) => ProcessTree.Must(mm.Write(page, page));

    public static Folio At(MmStruct mm, long page) => mm.EntryOf(page)!.Folio!;

    /// <summary>Has walks measured from folios.</summary>
    /// <param name="words">What the folios have in common.</param>
    /// <param name="folios">The folios.</param>
    public void Measure(string words, params IEnumerable<Folio> folios) => _walked.Add(new WalkedFolios(words, [.. folios]));

    /// <summary>Asks of each folio how often it was used, as reclaim does.</summary>
    public void Walk(WalkedFolios walked)
    {
        foreach (Folio folio in walked.Folios)
        {
            folio.Lock.Lock();
            _system.CountReferences(folio);
            folio.Lock.Unlock();
        }
    }

    /// <summary>What the walks since the last time had to do.</summary>
    public WalkTally TakeWalks() => _map.Take();

    public void Dispose()
    {
        foreach (MmStruct mm in _all)
            mm.Put();
        _system.Dispose();
    }
}

/// <summary>Some folios of a family.</summary>
/// <param name="Words">What they have in common.</param>
/// <param name="Folios">The folios.</param>
internal sealed record WalkedFolios(string Words, IReadOnlyList<Folio> Folios);
