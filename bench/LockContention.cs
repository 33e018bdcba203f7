using System.Diagnostics;
using System.Globalization;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// Threads that do nothing but take one lock, add 1 to what it protects, and give it back. Measured are
/// sections a second, how much the luckiest thread got more than the unluckiest, and whether the sum was right.
/// </summary>
internal static class LockContention
{
    private const int Runs = 3;

    private static readonly int[] s_threads = [1, 2, 4];

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

        (string Name, Func<Contender> Create)[] locks =
        [
            ("System.Threading.Lock", static () => new LockContender()),
            ("System.Threading.SpinLock(false)", static () => new SpinLockContender()),
            ("TicketSpinlock", static () => new TicketContender()),
            ("McsSpinlock", static () => new McsContender()),
            ("KernelMutex", static () => new MutexContender()),
            ("Rwsem, writers", static () => new RwsemContender()),
        ];

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} CPUs, {seconds} s a run, median of {Runs} runs"));
        Console.WriteLine();
        Console.WriteLine("| lock | threads | sections/s | ns/section | ratio to Lock | luckiest/unluckiest thread |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        bool exact = true;
        foreach (int threads in s_threads)
        {
            // The locks take turns, so that a slow moment of the machine does not hit one of them alone.
            var rates = new double[locks.Length, Runs];
            var shares = new double[locks.Length, Runs];
            for (int run = 0; run < Runs; run++)
            {
                for (int i = 0; i < locks.Length; i++)
                    (rates[i, run], shares[i, run]) = Measure(locks[i].Create(), threads, seconds, ref exact);
            }

            for (int i = 0; i < locks.Length; i++)
            {
                double rate = Median(rates, i);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {locks[i].Name} | {threads} | {rate:N0} | {1e9 / rate:N1} | {rate / Median(rates, 0):G2} | {Median(shares, i):N2} |"));
            }
        }

        if (!exact)
            Console.Error.WriteLine("A sum was wrong: some lock does not exclude.");
        return exact ? 0 : 1;
    }

    private static (double Rate, double Share) Measure(Contender contender, int threads, double seconds, ref bool exact)
    {
        // A cache line and more for each counter, so that counting is not what the threads contend for.
        const int Apart = 32;
        var done = new long[(threads + 1) * Apart];
        bool stop = false;
        var workers = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int me = (i + 1) * Apart;
            workers[i] = new Thread(() => contender.Work(ref done[me], ref stop));
            workers[i].Start();
        }

        // Whoever starts first has the lock to itself, a hundred times faster than later: that is not counted.
        for (int i = 1; i <= threads; i++)
        {
            while (Volatile.Read(ref done[i * Apart]) == 0)
                Thread.Sleep(1);
        }

        long[] before = (long[])done.Clone();
        long begin = Stopwatch.GetTimestamp();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        long[] after = (long[])done.Clone();
        double elapsed = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        Volatile.Write(ref stop, true);
        foreach (Thread worker in workers)
            worker.Join();

        exact &= done.Sum() == contender.Sum;
        double[] shares = [.. Enumerable.Range(1, threads).Select(i => (double)(after[i * Apart] - before[i * Apart]))];
        return (shares.Sum() / elapsed, shares.Max() / Math.Max(1, shares.Min()));
    }

    private static double Median(double[,] values, int row)
    {
        double[] sorted = [.. Enumerable.Range(0, Runs).Select(run => values[row, run]).Order()];
        return sorted[Runs / 2];
    }

    private abstract class Contender
    {
        /// <summary>What the lock protects: incremented once a section, not atomically.</summary>
        public long Sum { get; protected set; }

        public abstract void Work(ref long done, ref bool stop);
    }

    // One loop each, so that the lock is inlined as it is where it is used.
    private sealed class TicketContender : Contender
    {
        private readonly TicketSpinlock _lock = new();

        public override void Work(ref long done, ref bool stop)
        {
            while (!Volatile.Read(ref stop))
            {
                _lock.Lock();
                Sum++;
                _lock.Unlock();
                done++;
            }
        }
    }

    private sealed class McsContender : Contender
    {
        private readonly McsSpinlock _lock = new();

        public override void Work(ref long done, ref bool stop)
        {
            var node = new McsSpinlock.Node();
            while (!Volatile.Read(ref stop))
            {
                _lock.Lock(node);
                Sum++;
                _lock.Unlock(node);
                done++;
            }
        }
    }

    private sealed class MutexContender : Contender
    {
        private readonly KernelMutex _lock = new();

        public override void Work(ref long done, ref bool stop)
        {
            while (!Volatile.Read(ref stop))
            {
                _lock.Lock();
                Sum++;
                _lock.Unlock();
                done++;
            }
        }
    }

    private sealed class RwsemContender : Contender
    {
        private readonly Rwsem _lock = new();

        public override void Work(ref long done, ref bool stop)
        {
            while (!Volatile.Read(ref stop))
            {
                _lock.DownWrite();
                Sum++;
                _lock.UpWrite();
                done++;
            }
        }
    }

    private sealed class SpinLockContender : Contender
    {
        private SpinLock _lock = new(enableThreadOwnerTracking: false);

        public override void Work(ref long done, ref bool stop)
        {
            while (!Volatile.Read(ref stop))
            {
                bool taken = false;
                _lock.Enter(ref taken);
                Sum++;
                _lock.Exit(useMemoryBarrier: false);
                done++;
            }
        }
    }

    private sealed class LockContender : Contender
    {
        private readonly Lock _lock = new();

        public override void Work(ref long done, ref bool stop)
        {
            while (!Volatile.Read(ref stop))
            {
                _lock.Enter();
                Sum++;
                _lock.Exit();
                done++;
            }
        }
    }
}
