using System.Diagnostics;
using System.Globalization;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// RCU beside liburcu in one run: readers, grace periods with nobody, an idle and a busy reader, many callers at once, and
/// callbacks. Without liburcu or a C compiler its columns stay empty.
/// </summary>
internal static class RcuHarness
{
    private const int ReadTurns = 4000;
    private const int Rounds = 3;
    private const int Callbacks = 10_000_000;
    private const int CallersAtOnce = 8;
    private const int LongCalls = 100;

    private static readonly (string Name, Func<GracePeriods> Create)[] s_flavours =
    [
        ("memb", static () => new RcuMemb()),
        ("mb", static () => new RcuMb()),
        ("qsbr", static () => new RcuQsbr()),
    ];

    // liburcu has none, and its callers of callbacks are not held up.
    private static readonly (string Name, Func<GracePeriods> Create)[] s_withSrcu =
        [.. s_flavours, ("srcu", static () => new Srcu())];

    private static readonly string[] s_reads =
    [
        nameof(RcuBenchmarks.Memb_Handle_Scope), nameof(RcuBenchmarks.Memb_Handle), nameof(RcuBenchmarks.Memb_Thread_Scope),
        nameof(RcuBenchmarks.Memb_Thread), nameof(RcuBenchmarks.Memb_Nested), nameof(RcuBenchmarks.Mb_Handle_Scope),
        nameof(RcuBenchmarks.Mb_Thread_Scope), nameof(RcuBenchmarks.Mb_Nested), nameof(RcuBenchmarks.Qsbr_Handle_Scope),
        nameof(RcuBenchmarks.Qsbr_Thread_Scope), nameof(RcuBenchmarks.Srcu_Pair), nameof(RcuBenchmarks.Srcu_Scope),
    ];

    public static int Run(string[] options)
    {
        int calls = 2000;
        if (options is [var given, ..]
            && (!int.TryParse(given, NumberStyles.Integer, CultureInfo.InvariantCulture, out calls) || calls is < 20 or > 1_000_000))
        {
            Console.Error.WriteLine($"'{given}' is not a number of grace periods between 20 and 1,000,000.");
            return 1;
        }

        using Liburcu? liburcu = Liburcu.Compile();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} CPUs, {Rounds} rounds of each side by turns, {calls} grace periods a figure"));
        Console.WriteLine();

        // By turns, so that a slow moment of the machine does not hit one side alone.
        var ours = new Figures();
        var theirs = new Figures();
        for (int round = 0; round < Rounds; round++)
        {
            foreach ((string name, _) in s_flavours)
                liburcu?.Measure(name, calls, theirs);
            MeasureReads(ours);
            foreach ((string name, Func<GracePeriods> create) in s_withSrcu)
                MeasureGracePeriods(name, create, calls, ours);
        }

        PrintReads(ours, theirs);
        PrintGracePeriods(ours, theirs);
        MeasureCallbacks();
        return 0;
    }

    private static void MeasureReads(Figures figures)
    {
        var benchmarks = new RcuBenchmarks();
        foreach (string name in s_reads)
        {
            var read = typeof(RcuBenchmarks).GetMethod(name)!.CreateDelegate<Func<int>>(benchmarks);
            var each = new double[ReadTurns];
            for (int i = 0; i < 100; i++)
                read();
            for (int turn = 0; turn < ReadTurns; turn++)
            {
                long begin = Stopwatch.GetTimestamp();
                for (int k = 0; k < 16; k++)
                    read();
                each[turn] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / (16.0 * RcuBenchmarks.N);
            }

            figures.Add(name, each);
        }
    }

    private static void MeasureGracePeriods(string flavour, Func<GracePeriods> create, int calls, Figures figures)
    {
        Alone($"{flavour} sync-none", null);
        Alone($"{flavour} sync-busy", Busy);
        if (create() is Srcu)
            return;

        // SRCU knows of no reader that is idle.
        Alone($"{flavour} sync-idle", Idle);
        Together($"{flavour} long-1", 1);
        Together($"{flavour} long-8", CallersAtOnce);

        void Alone(string name, Action<GracePeriods, Signals>? reader)
        {
            GracePeriods rcu = create();
            var each = new double[calls];
            WithReader(rcu, reader, () =>
            {
                for (int i = 0; i < 20; i++)
                    rcu.Synchronize();
                for (int i = 0; i < calls; i++)
                {
                    long begin = Stopwatch.GetTimestamp();
                    rcu.Synchronize();
                    each[i] = MicrosecondsSince(begin);
                }
            });
            figures.Add(name, each);
        }

        // Each call of threads that call all the time, while each reader lasts long enough for all of them to come.
        void Together(string name, int callers)
        {
            GracePeriods rcu = create();
            var each = new double[callers * LongCalls];
            WithReader(rcu, TwoLong, () =>
            {
                var threads = new Thread[callers];
                for (int c = 0; c < callers; c++)
                {
                    int me = c;
                    threads[c] = new Thread(() =>
                    {
                        for (int i = 0; i < LongCalls; i++)
                        {
                            long begin = Stopwatch.GetTimestamp();
                            rcu.Synchronize();
                            each[me * LongCalls + i] = MicrosecondsSince(begin);
                        }
                    });
                    threads[c].Start();
                }

                foreach (Thread thread in threads)
                    thread.Join();
            });
            figures.Add(name, each);
        }
    }

    private static double MicrosecondsSince(long begin) => (Stopwatch.GetTimestamp() - begin) * 1e6 / Stopwatch.Frequency;

    private static void WithReader(GracePeriods rcu, Action<GracePeriods, Signals>? reader, Action measure)
    {
        var signals = new Signals();
        Thread? thread = null;
        if (reader is not null)
        {
            thread = new Thread(() => reader(rcu, signals));
            thread.Start();
            while (!Volatile.Read(ref signals.Ready))
                Thread.Sleep(1);
        }

        measure();
        Volatile.Write(ref signals.Stop, true);
        thread?.Join();
    }

    private static void Idle(GracePeriods rcu, Signals signals)
    {
        using RcuReader reader = ((Primitives.Rcu)rcu).Register();
        (rcu as RcuQsbr)?.Offline(reader);
        Volatile.Write(ref signals.Ready, true);
        while (!Volatile.Read(ref signals.Stop))
            Thread.Sleep(1);
    }

    // A loop for each flavour, so that its readers are inlined as they are where they are used.
    private static void Busy(GracePeriods rcu, Signals signals)
    {
        using RcuReader? reader = (rcu as Primitives.Rcu)?.Register();
        var pointer = new Ref<object>(signals, "pointer");
        Volatile.Write(ref signals.Ready, true);
        while (!Volatile.Read(ref signals.Stop))
        {
            switch (rcu)
            {
                case RcuMemb memb:
                    for (int i = 0; i < RcuBenchmarks.N; i++)
                    {
                        memb.Lock(reader!);
                        _ = memb.Dereference(ref pointer);
                        memb.Unlock(reader!);
                    }

                    break;
                case RcuMb mb:
                    for (int i = 0; i < RcuBenchmarks.N; i++)
                    {
                        mb.Lock(reader!);
                        _ = mb.Dereference(ref pointer);
                        mb.Unlock(reader!);
                    }

                    break;
                case RcuQsbr qsbr:
                    for (int i = 0; i < RcuBenchmarks.N; i++)
                        _ = qsbr.Dereference(ref pointer);
                    qsbr.QuiescentState(reader!);
                    break;
                case Srcu srcu:
                    for (int i = 0; i < RcuBenchmarks.N; i++)
                    {
                        int index = srcu.Lock();
                        _ = srcu.Dereference(ref pointer);
                        srcu.Unlock(index);
                    }

                    break;
            }
        }
    }

    // Two threads, so that one is in a reader while the other, preempted between two readers, is not.
    private static void TwoLong(GracePeriods rcu, Signals signals)
    {
        var other = new Thread(() => Long(rcu, new Signals(), signals));
        other.Start();
        Long(rcu, signals, signals);
        other.Join();
    }

    // Readers of a millisecond, one after the other.
    private static void Long(GracePeriods domain, Signals mine, Signals signals)
    {
        var rcu = (Primitives.Rcu)domain;
        using RcuReader reader = rcu.Register();
        while (!Volatile.Read(ref signals.Stop))
        {
            rcu.Lock(reader);
            Volatile.Write(ref mine.Ready, true);
            Thread.Sleep(1);
            rcu.Unlock(reader);
            (rcu as RcuQsbr)?.QuiescentState(reader);
        }
    }

    private static void MeasureCallbacks()
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Callbacks:N0} callbacks, at most {RcuCallbacks.PendingMaxDefault:N0} pending:"));
        Console.WriteLine();
        Console.WriteLine("| flavour | callbacks/s | ns each | grace periods | largest heap, MB |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        foreach ((string name, Func<GracePeriods> create) in s_flavours)
        {
            GracePeriods rcu = create();
            using var callbacks = new RcuCallbacks(rcu);
            int ran = 0;
            Action<RcuHead> callback = _ => ran++;
            long largest = 0;
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < Callbacks; i++)
            {
                callbacks.Call(new RcuHead(), callback);
                if (i % 100_000 == 0)
                    largest = Math.Max(largest, GC.GetTotalMemory(forceFullCollection: false));
            }

            callbacks.Barrier();
            double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            if (ran != Callbacks)
                throw new InvalidOperationException($"{ran} callbacks ran.");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {Callbacks / seconds:N0} | {1e9 * seconds / Callbacks:N0} | {rcu.Completed:N0} | {largest / 1e6:N0} |"));
        }
    }

    private static void PrintReads(Figures ours, Figures theirs)
    {
        Console.WriteLine("A reader that follows a pointer, ns:");
        Console.WriteLine();
        Console.WriteLine("| reader | min | median | liburcu min | liburcu median | ratio of minima |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (string name in s_reads)
        {
            string[] parts = name.Split('_');
            string other = $"{parts[0].ToLowerInvariant()} {(parts[1] == "Nested" ? "nested" : "read")}";
            Row(name, ours[name], theirs[other], "0.00");
        }

        Console.WriteLine();
    }

    private static void PrintGracePeriods(Figures ours, Figures theirs)
    {
        Console.WriteLine("A grace period, µs; long-1 and -8 are so many callers at once while readers last a millisecond each:");
        Console.WriteLine();
        Console.WriteLine("| grace period | min | median | liburcu min | liburcu median | ratio of minima |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach ((string name, _) in s_withSrcu)
        {
            foreach (string what in (string[])["sync-none", "sync-idle", "sync-busy", "long-1", "long-8"])
            {
                if (ours[$"{name} {what}"] is { } mine)
                    Row($"{name} {what}", mine, theirs[$"{name} {what}"], "0.000");
            }
        }

        Console.WriteLine();
        Console.WriteLine("| 8 callers at once over one | median | liburcu |");
        Console.WriteLine("|---|---:|---:|");
        foreach ((string name, _) in s_flavours)
        {
            string theirRatio = theirs[$"{name} long-1"] is { } one && theirs[$"{name} long-8"] is { } eight
                ? (eight.Median / one.Median).ToString("0.00", CultureInfo.InvariantCulture)
                : "";
            double ratio = ours[$"{name} long-8"]!.Value.Median / ours[$"{name} long-1"]!.Value.Median;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {ratio:0.00} | {theirRatio} |"));
        }

        Console.WriteLine();
    }

    private static void Row(
        string name, (double Min, double Median)? ours, (double Min, double Median)? theirs, string format)
    {
        string Cell(double? value) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

        Console.WriteLine(
            $"| {name} | {Cell(ours?.Min)} | {Cell(ours?.Median)} | {Cell(theirs?.Min)} | {Cell(theirs?.Median)} | "
            + $"{(ours is { } o && theirs is { } t ? (o.Min / t.Min).ToString("0.00", CultureInfo.InvariantCulture) : "")} |");
    }

    private sealed class Signals
    {
        public bool Ready;
        public bool Stop;
    }

    /// <summary>The smallest minimum and the smallest median of all rounds, by name.</summary>
    internal sealed class Figures
    {
        private readonly Dictionary<string, (double Min, double Median)> _figures = [];

        public (double Min, double Median)? this[string name] =>
            _figures.TryGetValue(name, out (double Min, double Median) value) ? value : null;

        public void Add(string name, double[] values)
        {
            Array.Sort(values);
            Add(name, values[0], values[values.Length / 2]);
        }

        public void Add(string name, double min, double median)
        {
            if (_figures.TryGetValue(name, out (double Min, double Median) before))
                (min, median) = (Math.Min(min, before.Min), Math.Min(median, before.Median));
            _figures[name] = (min, median);
        }
    }
}
