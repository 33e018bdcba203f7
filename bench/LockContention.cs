using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// Threads that do nothing but take one lock, add 1 to what it protects, and give it back. Measured are sections a second, how
/// much the luckiest thread got more than the unluckiest, how long a thread waits for its section, and whether the sum was right.
/// </summary>
internal static class LockContention
{
    private const int Runs = 3;

    private static readonly int[] s_threads = [1, 2, 4, 8, 16];

    private static readonly (string Name, Func<Contest> Create)[] s_locks =
    [
        ("System.Threading.Lock", static () => new Contest<SystemLock>()),
        ("System.Threading.SpinLock(false)", static () => new Contest<SystemSpinLock>()),
        ("TasSpinlock", static () => new Contest<Tas>()),
        ("TicketSpinlock", static () => new Contest<Ticket>()),
        ("McsSpinlock", static () => new Contest<Mcs>()),
        ("QueuedSpinlock", static () => new Contest<Queued>()),
        ("OptimisticSpinQueue", static () => new Contest<SpinQueue>()),
        ("QueuedRwlock, writers", static () => new Contest<QueuedRw>()),
        ("KernelMutex", static () => new Contest<SleepingMutex>()),
        ("Rwsem, writers", static () => new Contest<SleepingRw>()),
    ];

    // One section in eight is a writer's.
    private static readonly (string Name, Func<Contest> Create)[] s_rwlocks =
    [
        ("ReaderWriterLockSlim", static () => new MixedContest<SystemRw>()),
        ("QueuedRwlock", static () => new MixedContest<QueuedRw>()),
        ("Rwsem", static () => new MixedContest<SleepingRw>()),
    ];

    /// <summary>A lock as one thread sees it. A struct, so that the lock is inlined as it is where it is used.</summary>
    private interface IContender
    {
        /// <summary>For the first thread: makes the lock. For the others: joins the first one's.</summary>
        void Join(object? first);

        /// <summary>What the others join.</summary>
        object Shared { get; }

        /// <summary>Takes the lock alone.</summary>
        void Enter();

        /// <summary>Gives back what <see cref="Enter"/> took.</summary>
        void Exit();
    }

    /// <summary>A lock that has readers too: of its sections one in eight is a writer's.</summary>
    private interface IReaders : IContender
    {
        /// <summary>Takes the lock together with other readers.</summary>
        void EnterRead();

        /// <summary>Gives back what <see cref="EnterRead"/> took.</summary>
        void ExitRead();
    }

    public static int Run(string[] options)
    {
        double seconds = 0.5;
        if (options is [var given, ..]
            && (!double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds)
                || seconds is not (> 0 and <= 60)))
        {
            Console.Error.WriteLine($"'{given}' is not a number of seconds between 0 and 60.");
            return 1;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} CPUs, {seconds} s a run, median of {Runs} runs"));
        bool exact = Measure(s_locks, seconds) & Measure(s_rwlocks, seconds);
        if (!exact)
            Console.Error.WriteLine("A sum was wrong: some lock does not exclude.");
        return exact ? 0 : 1;
    }

    private static bool Measure((string Name, Func<Contest> Create)[] locks, double seconds)
    {
        Console.WriteLine();
        Console.WriteLine("| lock | threads | sections/s | ns/section | ratio to the first | luckiest/unluckiest thread | wait p50, us | p99, us | longest, us |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        bool exact = true;
        foreach (int threads in s_threads)
        {
            // The locks take turns, so that a slow moment of the machine does not hit one of them alone.
            var figures = new Figures[locks.Length, Runs];
            for (int run = 0; run < Runs; run++)
            {
                for (int i = 0; i < locks.Length; i++)
                {
                    figures[i, run] = Measure(locks[i].Create(), threads, seconds);
                    exact &= figures[i, run].Exact;
                }
            }

            double reference = Median(figures, 0, static one => one.Rate);
            for (int i = 0; i < locks.Length; i++)
            {
                double rate = Median(figures, i, static one => one.Rate);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {locks[i].Name} | {threads} | {rate:N0} | {1e9 / rate:N1} | {rate / reference:G2} | {Median(figures, i, static one => one.Share):N2} | {Median(figures, i, static one => one.P50) / 1e3:N2} | {Median(figures, i, static one => one.P99) / 1e3:N2} | {Median(figures, i, static one => one.Max) / 1e3:N0} |"));
            }
        }

        return exact;
    }

    private static Figures Measure(Contest contest, int threads, double seconds)
    {
        var tallies = new Tally[threads];
        var workers = new Thread[threads];
        object? shared = null;
        for (int i = 0; i < threads; i++)
        {
            var tally = tallies[i] = new Tally();
            (Action work, shared) = contest.Enter(tally, shared);
            workers[i] = new Thread(work.Invoke);
        }

        foreach (Thread worker in workers)
            worker.Start();

        // Whoever starts first has the lock to itself, a hundred times faster than later: that is not counted.
        foreach (Tally tally in tallies)
        {
            while (Volatile.Read(ref tally.Done) == 0)
                Thread.Sleep(1);
        }

        contest.BeginTiming();
        long[] before = [.. tallies.Select(static tally => Volatile.Read(ref tally.Done))];
        long begin = Stopwatch.GetTimestamp();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        long[] after = [.. tallies.Select(static tally => Volatile.Read(ref tally.Done))];
        double elapsed = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        contest.Stop();
        foreach (Thread worker in workers)
            worker.Join();

        double[] shares = [.. after.Zip(before, static (a, b) => (double)(a - b))];
        var waits = new Waits();
        foreach (Tally tally in tallies)
            waits.Add(tally.Waits);
        return new Figures(
            shares.Sum() / elapsed, shares.Max() / Math.Max(1, shares.Min()), waits.Quantile(0.5), waits.Quantile(0.99),
            waits.Longest, contest.Sum == tallies.Sum(static tally => tally.Written));
    }

    private static double Median(Figures[,] figures, int row, Func<Figures, double> of)
    {
        double[] sorted = [.. Enumerable.Range(0, Runs).Select(run => of(figures[row, run])).Order()];
        return sorted[Runs / 2];
    }

    private readonly record struct Figures(double Rate, double Share, double P50, double P99, double Max, bool Exact);

    /// <summary>What one thread has done. Objects of their own, so that counting is not what the threads contend for.</summary>
    private sealed class Tally
    {
        // A cache line and more before the next object.
        private readonly Padding _before = new();
        public long Done;
        public long Written;
        public readonly Waits Waits = new();

        public override string ToString() => $"{Done} {_before}";

        [InlineArray(16)]
        private struct Padding
        {
            private long _first;

            public override readonly string ToString() => _first.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>A histogram of times: eight classes for each power of two, so within 9 % of the truth.</summary>
    private sealed class Waits
    {
        private readonly long[] _counts = new long[64 * 8];

        public double Longest { get; private set; }

        public void Add(long ticks)
        {
            double nanoseconds = Math.Max(1, ticks * (1e9 / Stopwatch.Frequency));
            Longest = Math.Max(Longest, nanoseconds);
            _counts[(int)(8 * Math.Log2(nanoseconds))]++;
        }

        public void Add(Waits other)
        {
            Longest = Math.Max(Longest, other.Longest);
            for (int i = 0; i < _counts.Length; i++)
                _counts[i] += other._counts[i];
        }

        public double Quantile(double q)
        {
            long left = (long)Math.Ceiling(q * _counts.Sum());
            for (int i = 0; i < _counts.Length; i++)
            {
                left -= _counts[i];
                if (left <= 0)
                    return Math.Pow(2, (i + 0.5) / 8);
            }

            return 0;
        }
    }

    private abstract class Contest
    {
        /// <summary>What the lock protects: incremented once a section, not atomically.</summary>
        public long Sum;

        public abstract (Action Work, object Shared) Enter(Tally tally, object? shared);

        public abstract void BeginTiming();

        public abstract void Stop();
    }

    /// <summary>All sections are writers'.</summary>
    private class Contest<TContender> : Contest
        where TContender : struct, IContender
    {
        // Looking at the clock costs as much as a section, so only few are timed.
        private const int TimedOnce = 16;

        private bool _timing;
        private bool _stop;

        public override (Action Work, object Shared) Enter(Tally tally, object? shared)
        {
            var contender = default(TContender);
            contender.Join(shared);
            return (() => Work(contender, tally), contender.Shared);
        }

        public override void BeginTiming() => Volatile.Write(ref _timing, true);

        public override void Stop() => Volatile.Write(ref _stop, true);

        protected virtual void Work(TContender contender, Tally tally)
        {
            while (!IsOver)
            {
                long begin = Begin(tally);
                Write(ref contender, tally, begin);
            }
        }

        protected bool IsOver => Volatile.Read(ref _stop);

        /// <summary>When a section that is timed begins; 0 for one that is not.</summary>
        protected long Begin(Tally tally) =>
            tally.Done % TimedOnce == TimedOnce - 1 && Volatile.Read(ref _timing) ? Stopwatch.GetTimestamp() : 0;

        protected static void End(Tally tally, long begin, long inside)
        {
            if (begin != 0)
                tally.Waits.Add(inside - begin);
            Volatile.Write(ref tally.Done, tally.Done + 1);
        }

        protected void Write(ref TContender contender, Tally tally, long begin)
        {
            contender.Enter();
            long inside = begin != 0 ? Stopwatch.GetTimestamp() : 0;
            Sum++;
            contender.Exit();
            tally.Written++;
            End(tally, begin, inside);
        }
    }

    /// <summary>One section in eight is a writer's.</summary>
    private sealed class MixedContest<TContender> : Contest<TContender>
        where TContender : struct, IReaders
    {
        private const int WritesOnce = 8;

        protected override void Work(TContender contender, Tally tally)
        {
            while (!IsOver)
            {
                long begin = Begin(tally);
                if (tally.Done % WritesOnce == 0)
                    Write(ref contender, tally, begin);
                else
                    Read(ref contender, tally, begin);
            }
        }

        private void Read(ref TContender contender, Tally tally, long begin)
        {
            contender.EnterRead();
            long inside = begin != 0 ? Stopwatch.GetTimestamp() : 0;
            _ = Volatile.Read(ref Sum);
            contender.ExitRead();
            End(tally, begin, inside);
        }
    }

    private struct SystemLock : IContender
    {
        private StrongBox<Lock> _box;
        private Lock _lock;

        public readonly object Shared => _box;

        public void Join(object? first)
        {
            _box = (StrongBox<Lock>?)first ?? new(new Lock());
            _lock = _box.Value!;
        }

        public readonly void Enter() => _lock.Enter();

        public readonly void Exit() => _lock.Exit();
    }

    private struct SystemSpinLock : IContender
    {
        private StrongBox<SpinLock> _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) =>
            _lock = (StrongBox<SpinLock>?)first ?? new(new SpinLock(enableThreadOwnerTracking: false));

        public readonly void Enter()
        {
            bool taken = false;
            _lock.Value.Enter(ref taken);
        }

        public readonly void Exit() => _lock.Value.Exit(useMemoryBarrier: false);
    }

    private struct Mcs : IContender
    {
        private McsSpinlock _lock;
        private McsSpinlock.Node _node;

        public readonly object Shared => _lock;

        public void Join(object? first)
        {
            _lock = (McsSpinlock?)first ?? new McsSpinlock();
            _node = new McsSpinlock.Node();
        }

        public readonly void Enter() => _lock.Lock(_node);

        public readonly void Exit() => _lock.Unlock(_node);
    }

    private struct Tas : IContender
    {
        private TasSpinlock _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) => _lock = (TasSpinlock?)first ?? new TasSpinlock();

        public readonly void Enter() => _lock.Lock();

        public readonly void Exit() => _lock.Unlock();
    }

    private struct Ticket : IContender
    {
        private TicketSpinlock _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) => _lock = (TicketSpinlock?)first ?? new TicketSpinlock();

        public readonly void Enter() => _lock.Lock();

        public readonly void Exit() => _lock.Unlock();
    }

    private struct Queued : IContender
    {
        private QueuedSpinlock _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) => _lock = (QueuedSpinlock?)first ?? new QueuedSpinlock();

        public readonly void Enter() => _lock.Lock();

        public readonly void Exit() => _lock.Unlock();
    }

    private struct SpinQueue : IContender
    {
        private OptimisticSpinQueue _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) => _lock = (OptimisticSpinQueue?)first ?? new OptimisticSpinQueue();

        public readonly void Enter() => _lock.Lock();

        public readonly void Exit() => _lock.Unlock();
    }

    private struct SleepingMutex : IContender
    {
        private KernelMutex _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) => _lock = (KernelMutex?)first ?? new KernelMutex();

        public readonly void Enter() => _lock.Lock();

        public readonly void Exit() => _lock.Unlock();
    }

    private struct SystemRw : IReaders
    {
        private ReaderWriterLockSlim _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) => _lock = (ReaderWriterLockSlim?)first ?? new ReaderWriterLockSlim();

        public readonly void Enter() => _lock.EnterWriteLock();

        public readonly void Exit() => _lock.ExitWriteLock();

        public readonly void EnterRead() => _lock.EnterReadLock();

        public readonly void ExitRead() => _lock.ExitReadLock();
    }

    private struct QueuedRw : IReaders
    {
        private QueuedRwlock _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) => _lock = (QueuedRwlock?)first ?? new QueuedRwlock();

        public readonly void Enter() => _lock.LockWrite();

        public readonly void Exit() => _lock.UnlockWrite();

        public readonly void EnterRead() => _lock.LockRead();

        public readonly void ExitRead() => _lock.UnlockRead();
    }

    private struct SleepingRw : IReaders
    {
        private Rwsem _lock;

        public readonly object Shared => _lock;

        public void Join(object? first) => _lock = (Rwsem?)first ?? new Rwsem();

        public readonly void Enter() => _lock.DownWrite();

        public readonly void Exit() => _lock.UpWrite();

        public readonly void EnterRead() => _lock.DownRead();

        public readonly void ExitRead() => _lock.UpRead();
    }
}
