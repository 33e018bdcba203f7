using System.Diagnostics;
using System.Globalization;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// Threads that take ranges of one lock: each its own, or one of a few by chance, or only to look. Measured are sections a
/// second of all together, beside one read-write semaphore for everything.
/// </summary>
internal static class RangeContention
{
    private const int Runs = 3;
    private const int RangeLength = 512;
    private const int Places = 64;

    private static readonly int[] s_threads = [1, 2, 4, 8, 16];

    private static readonly (string Name, Func<Contestant> Create)[] s_locks =
    [
        ("one Rwsem", static () => new WholeContestant()),
        ("tree", static () => new RangeContestant(new TreeRangeLock())),
        ("list", static () => new RangeContestant(new ListRangeLock())),
        ("slots", static () => new RangeContestant(new SlotRangeLock())),
        ("hashed", static () => new RangeContestant(new HashedRangeLock())),
        ("announce", static () => new RangeContestant(new AnnounceRangeLock())),
        ("announce, optimistic", static () => new OptimisticContestant(new AnnounceRangeLock())),
    ];

    private enum Load
    {
        Disjoint,
        Random,
        MostlyReads,
    }

    public static int Run(string[] options)
    {
        double seconds = 0.2;
        if (options is [var given, ..]
            && (!double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds)
                || seconds is not (> 0 and <= 60)))
        {
            Console.Error.WriteLine($"'{given}' is not a number of seconds between 0 and 60.");
            return 1;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} CPUs, {seconds} s a run, best of {Runs} runs; 50 ns of work inside"));
        Measure(Load.Disjoint, "each thread has a range of its own", seconds);
        Measure(Load.Random, $"one of {Places} ranges by chance", seconds);
        Measure(Load.MostlyReads, $"one of {Places} ranges by chance, one section in 16 writes", seconds);
        return 0;
    }

    private static void Measure(Load load, string what, double seconds)
    {
        Console.WriteLine();
        Console.WriteLine($"{what}: sections a second, and their ratio to one Rwsem");
        Console.WriteLine();
        Console.WriteLine($"| lock | {string.Join(" | ", s_threads)} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", s_threads.Length))}");
        double[] reference = new double[s_threads.Length];
        foreach ((string name, Func<Contestant> create) in s_locks)
        {
            if (load != Load.MostlyReads && name.EndsWith("optimistic", StringComparison.Ordinal))
                continue;
            string row = $"| {name} ";
            for (int i = 0; i < s_threads.Length; i++)
            {
                double best = 0;
                for (int run = 0; run < Runs; run++)
                    best = Math.Max(best, Measure(create(), load, s_threads[i], seconds));
                if (reference[i] == 0)
                    reference[i] = best;
                row += string.Create(CultureInfo.InvariantCulture, $"| {best / 1e6:N2} M ({best / reference[i]:N2}) ");
            }

            Console.WriteLine(row + "|");
        }
    }

    private static double Measure(Contestant contestant, Load load, int threads, double seconds)
    {
        long[] done = new long[threads * 16];
        bool stop = false;
        var workers = new Thread[threads];
        for (int t = 0; t < threads; t++)
        {
            int me = t;
            workers[t] = new Thread(() => Work(contestant, load, me, ref done[me * 16], ref stop));
            workers[t].Start();
        }

        Thread.Sleep(20);
        long before = Sum(done);
        long begin = Stopwatch.GetTimestamp();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        double elapsed = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        long after = Sum(done);
        Volatile.Write(ref stop, true);
        foreach (Thread worker in workers)
            worker.Join();
        return (after - before) / elapsed;
    }

    private static long Sum(long[] done)
    {
        long sum = 0;
        for (int i = 0; i < done.Length; i += 16)
            sum += Volatile.Read(ref done[i]);
        return sum;
    }

    private static void Work(Contestant contestant, Load load, int me, ref long done, ref bool stop)
    {
        object? mine = contestant.Join();
        uint random = (uint)(me * 2_654_435_761) | 1;
        while (!Volatile.Read(ref stop))
        {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            uint place = load == Load.Disjoint ? (uint)me : random % Places;
            bool writes = load != Load.MostlyReads || (random >> 8) % 16 == 0;
            contestant.Section(mine, writes, place * RangeLength, (place * RangeLength) + RangeLength - 1);
            Volatile.Write(ref done, done + 1);
        }
    }

    private abstract class Contestant
    {
        public virtual object? Join() => null;

        public abstract void Section(object? mine, bool writes, ulong first, ulong last);

        protected static void Inside() => Thread.SpinWait(5);
    }

    private sealed class WholeContestant : Contestant
    {
        private readonly Rwsem _rwsem = new();

        public override void Section(object? mine, bool writes, ulong first, ulong last)
        {
            if (writes)
            {
                _rwsem.DownWrite();
                Inside();
                _rwsem.UpWrite();
            }
            else
            {
                _rwsem.DownRead();
                Inside();
                _rwsem.UpRead();
            }
        }
    }

    private sealed class RangeContestant(RangeLock tested) : Contestant
    {
        public override object Join() => tested.NewNode();

        public override void Section(object? mine, bool writes, ulong first, ulong last)
        {
            var node = (RangeNode)mine!;
            tested.Acquire(node, writes ? LockMode.Write : LockMode.Read, first, last);
            Inside();
            tested.Release(node);
        }
    }

    private sealed class OptimisticContestant(AnnounceRangeLock tested) : Contestant
    {
        private const int TriesMax = 4;

        public override object Join() => tested.NewNode();

        public override void Section(object? mine, bool writes, ulong first, ulong last)
        {
            for (int i = 0; !writes && i < TriesMax; i++)
            {
                ulong ticket = tested.BeginRead(first, last);
                Inside();
                if (tested.Validate(ticket))
                    return;
            }

            var node = (RangeNode)mine!;
            tested.Acquire(node, writes ? LockMode.Write : LockMode.Read, first, last);
            Inside();
            tested.Release(node);
        }
    }
}
