using System.Diagnostics;
using RcuModel.Exploration.Handoff;

namespace RcuModel.Exploration.Tests.Handoff;

/// <summary>
/// No wake-up is lost, one worker runs at a time, and what it wrote is seen by the next; in every mode and across
/// modes.
/// </summary>
public sealed class BatonTests : IDisposable
{
    // Far more than any run takes. A lost wake-up shows as a run that never ends.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // Leases of our own, so that no other exploration decides which mode is tested.
    private readonly LeaseFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(BatonKind.Futex, 2, 2, WaitMode.Spinning, 400_000)]
    [InlineData(BatonKind.Futex, 2, 1, WaitMode.Shared, 60_000)]
    [InlineData(BatonKind.Futex, 3, 2, WaitMode.Resident, 150_000)]
    [InlineData(BatonKind.Futex, 4, 2, WaitMode.Resident, 120_000)]
    [InlineData(BatonKind.Futex, 5, 2, WaitMode.Shared, 50_000)]
    [InlineData(BatonKind.Futex, 3, 1, WaitMode.Shared, 60_000)]
    [InlineData(BatonKind.Futex, 17, 1, WaitMode.Shared, 50_000)]
    [InlineData(BatonKind.Futex, 3, 0, WaitMode.Shared, 50_000)]
    [InlineData(BatonKind.Portable, 2, 0, WaitMode.Shared, 60_000)]
    [InlineData(BatonKind.Portable, 5, 0, WaitMode.Shared, 10_000)]
    internal void EveryPassArrives(BatonKind kind, int workers, int cpus, WaitMode mode, int passes)
    {
        if (!IsAvailable(kind, cpus))
            return;

        var relay = new Relay(_folder.Take(cpus), kind, workers, passes);
        relay.Run(s_patience, atMode: mode);
        Assert.Equal(passes, relay.Passes);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(3, 1)]
    internal void SlowWorkersAreWaitedFor(int workers, int cpus)
    {
        if (!IsAvailable(BatonKind.Futex, cpus))
            return;

        // Now and then longer than a worker polls, and around that time: it falls asleep while it is passed the baton.
        var relay = new Relay(_folder.Take(cpus), BatonKind.Futex, workers, passes: 2_000)
        {
            Delay = Delays.AroundPatience,
        };
        relay.Run(s_patience);
        Assert.Equal(2_000, relay.Passes);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    internal void PassersMayDawdle(int workers)
    {
        if (!IsAvailable(BatonKind.Futex, 2))
            return;

        // Nobody depends on what the passer does between Pass and Wait.
        var relay = new Relay(_folder.Take(2), BatonKind.Futex, workers, passes: 3_000)
        {
            DelayAfterPass = Delays.Short,
        };
        relay.Run(s_patience);
        Assert.Equal(3_000, relay.Passes);
    }

    [Fact]
    public void WorkersComeAndGo()
    {
        if (!IsAvailable(BatonKind.Futex, 2))
            return;

        // Two to six workers: Spinning, Resident, Shared and back, hundreds of times.
        var relay = new Relay(_folder.Take(2), BatonKind.Futex, workers: 6, passes: 150_000) { LeaveOneIn = 40 };
        relay.Run(s_patience);
        Assert.Equal(150_000, relay.Passes);
        Assert.Equal([WaitMode.Shared, WaitMode.Spinning, WaitMode.Resident], relay.ModesSeen.Order());
    }

    [Fact]
    public void TheLeaseMayShrinkAndGrowMeanwhile()
    {
        if (!IsAvailable(BatonKind.Futex, 2))
            return;

        var relay = new Relay(_folder.Take(2), BatonKind.Futex, workers: 3, passes: 40_000) { ResizeOneIn = 50 };
        relay.Run(s_patience);
        Assert.Equal(40_000, relay.Passes);
        Assert.Equal([WaitMode.Shared, WaitMode.Resident], relay.ModesSeen.Order());
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(4, 2)]
    [InlineData(4, 1)]
    internal void CollectionsStopWorkersWhereverTheyWait(int workers, int cpus)
    {
        if (!IsAvailable(BatonKind.Futex, cpus))
            return;

        var relay = new Relay(_folder.Take(cpus), BatonKind.Futex, workers, passes: 20_000) { CollectOneIn = 500 };
        relay.Run(s_patience);
        Assert.Equal(20_000, relay.Passes);
    }

    [Theory]
    [InlineData(BatonKind.Futex)]
    [InlineData(BatonKind.Portable)]
    internal void TheBatonWaitsForAWorkerThatHasYetToStart(BatonKind kind)
    {
        if (!IsAvailable(kind, 0))
            return;

        using CpuLease lease = _folder.Take(2);
        using Baton baton = Baton.Create(lease, kind);
        baton.Pass(7);
        var late = new Thread(() =>
        {
            baton.Attach(7);
            baton.Wait(7);
            baton.Detach(7);
        });
        late.Start();
        Assert.True(late.Join(s_patience));
    }

    [Fact]
    public void TheThirdWorkerMovesTheOthers()
    {
        if (!IsAvailable(BatonKind.Futex, 2))
            return;

        using CpuLease lease = _folder.Take(2);
        using Baton baton = Baton.Create(lease, BatonKind.Futex);
        int[] cpus = lease.Cpus.ToArray();
        string[] places = new string[5];
        string unpinned = AllowedCpus();
        var here = new CountdownEvent(2);
        Exception? failure = null;

        void Serve(int slot, Action body)
        {
            try
            {
                baton.Attach(slot);
                here.Signal();
                body();
                baton.Detach(slot);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }

        var second = new Thread(() => Serve(1, () =>
        {
            baton.Wait(1);
            places[1] = AllowedCpus();
            baton.Pass(0);
            baton.Wait(1);
            places[2] = AllowedCpus();
            baton.Pass(0);
        }));
        var third = new Thread(() => Serve(2, () =>
        {
            baton.Wait(2);
            baton.Pass(0);
        }));
        var first = new Thread(() =>
        {
            Serve(0, () =>
            {
                here.Wait();
                Assert.Equal(WaitMode.Spinning, baton.Mode);
                places[0] = AllowedCpus();
                baton.Pass(1);
                baton.Wait(0);

                // The engine's choice when a third worker comes: one CPU is enough.
                here.Reset(1);
                third.Start();
                here.Wait();
                Assert.Equal(WaitMode.Resident, baton.Mode);
                lease.Shrink(1);
                baton.Refresh();
                Assert.Equal(WaitMode.Shared, baton.Mode);
                baton.Pass(1);
                baton.Wait(0);
                places[3] = AllowedCpus();
                baton.Pass(2);
                baton.Wait(0);
            });
            places[4] = AllowedCpus();
        });

        second.Start();
        first.Start();
        Assert.True(first.Join(s_patience) && second.Join(s_patience) && third.Join(s_patience), "A wake-up was lost.");
        Assert.Null(failure);
        Assert.Equal([$"{cpus[0]}", $"{cpus[1]}", $"{cpus[0]}", $"{cpus[0]}", unpinned], places);
    }

    [Fact]
    public void ASlotHasOneWorker()
    {
        if (!IsAvailable(BatonKind.Futex, 0))
            return;

        using CpuLease lease = _folder.Take(1);
        using Baton baton = Baton.Create(lease, BatonKind.Futex);
        var worker = new Thread(() => baton.Attach(3));
        worker.Start();
        worker.Join();
        Assert.Throws<InvalidOperationException>(() => baton.Attach(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => baton.Attach(Baton.MaxSlots));
        Assert.Throws<ArgumentOutOfRangeException>(() => baton.Attach(-1));

        var end = new Thread(() => baton.Detach(3));
        end.Start();
        end.Join();
    }

    private static bool IsAvailable(BatonKind kind, int cpus) =>
        kind == BatonKind.Portable
        || (Linux.HasFutex && Math.Min(Linux.AllowedCpus().Length, Environment.ProcessorCount) >= cpus);

    // The CPUs of the calling thread, as the kernel lists them: "0", "0-1".
    private static string AllowedCpus() =>
        File.ReadLines("/proc/thread-self/status")
            .First(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal))
            .Split('\t')[1];

    private enum Delays
    {
        None,
        Short,
        AroundPatience,
    }

    /// <summary>Workers that pass the baton to each other at random, and whatever else may happen meanwhile.</summary>
    private sealed class Relay(CpuLease lease, BatonKind kind, int workers, int passes)
    {
        private readonly Baton _baton = Baton.Create(lease, kind);
        private readonly Random _random = new(Seed: workers);
        private readonly bool[] _away = new bool[workers];
        private readonly List<Exception> _failures = [];

        // The holder's own: plain on purpose. Torn or stale values show as failures.
        private int _passes;
        private int _done;
        private int _holder = -1;
        private long _check;
        private object? _garbage;
        private WaitMode _modeAtEnd;

        // How many believe that they hold the baton.
        private int _holders;

        public int Passes => _passes;

        public Delays Delay { get; init; }

        public Delays DelayAfterPass { get; init; }

        public int LeaveOneIn { get; init; }

        public int ResizeOneIn { get; init; }

        public int CollectOneIn { get; init; }

        public HashSet<WaitMode> ModesSeen { get; } = [];

        public void Run(TimeSpan patience, WaitMode? atMode = null)
        {
            using var attached = new CountdownEvent(workers);
            var threads = new Thread[workers];
            for (int slot = 0; slot < workers; slot++)
            {
                int mine = slot;
                threads[slot] = new Thread(() => Serve(mine, attached), 256 * 1024) { IsBackground = true };
                threads[slot].Start();
            }

            Assert.True(attached.Wait(patience));
            _baton.Pass(0);
            long deadline = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
            foreach (Thread thread in threads)
            {
                while (!thread.Join(100))
                {
                    Assert.True(Stopwatch.GetTimestamp() < deadline, $"Lost after {Volatile.Read(ref _passes)}.");
                    Assert.True(Volatile.Read(ref _holders) <= 1);
                }
            }

            Assert.Empty(_failures);
            if (atMode is { } mode)
                Assert.Equal(mode, _modeAtEnd);

            _baton.Dispose();
            lease.Dispose();
        }

        private void Serve(int slot, CountdownEvent attached)
        {
            _baton.Attach(slot);
            attached.Signal();
            bool last = false;
            while (!last)
            {
                _baton.Wait(slot);
                last = Hold(slot, out int next, out bool leaves);
                if (next >= 0)
                    _baton.Pass(next);

                if (last)
                    break;

                Pause(slot, DelayAfterPass);
                if (leaves)
                {
                    _baton.Detach(slot);
                    if (Stopwatch.GetTimestamp() % 4 == 0)
                        Thread.Sleep(1);
                    else
                        Pause(slot, Delays.Short);

                    _baton.Attach(slot);
                    Volatile.Write(ref _away[slot], false);
                }
            }

            _baton.Detach(slot);
        }

        // What the holder does. Whether it was the worker's last turn.
        private bool Hold(int slot, out int next, out bool leaves)
        {
            leaves = false;
            if (Interlocked.Increment(ref _holders) != 1)
                Fail($"{slot} and another hold the baton.");

            if (_holder != -1 && _holder != slot)
                Fail($"{slot} got the baton that was passed to {_holder}.");

            if (_check != _passes * 3L)
                Fail($"{slot} does not see what the last holder wrote.");

            if (_passes == passes)
            {
                if (_done++ == 0)
                    _modeAtEnd = _baton.Mode;

                // Round the table once, so that each worker learns of the end. Nobody may be passed the baton who is
                // leaving.
                next = _done < workers ? (slot + 1) % workers : -1;
                while (next >= 0 && Volatile.Read(ref _away[next]))
                    Thread.Sleep(1);

                _holder = next;
                Interlocked.Decrement(ref _holders);
                return true;
            }

            _passes++;
            _check += 3;
            ModesSeen.Add(_baton.Mode);
            Pause(slot, Delay);
            if (CollectOneIn > 0)
            {
                _garbage = new byte[100];
                if (_random.Next(CollectOneIn) == 0)
                    GC.Collect(0);
            }

            if (ResizeOneIn > 0 && _random.Next(ResizeOneIn) == 0)
            {
                if (lease.Cpus.Length == 1)
                    lease.TryGrow(2);
                else
                    lease.Shrink(1);

                _baton.Refresh();
            }

            // At least two stay.
            if (LeaveOneIn > 0 && _random.Next(LeaveOneIn) == 0 && _away.Count(a => a) < workers - 2)
                leaves = _away[slot] = true;

            do
                next = _random.Next(workers);
            while (next == slot || Volatile.Read(ref _away[next]));

            _holder = next;
            Interlocked.Decrement(ref _holders);
            return false;
        }

        private static void Pause(int slot, Delays delay)
        {
            if (delay == Delays.None)
                return;

            // Not the relay's generator: between turns it is somebody else's.
            int dice = (int)((Stopwatch.GetTimestamp() >> 4) + slot) & 7;
            if (delay == Delays.Short)
            {
                Thread.SpinWait(dice * 20);
                return;
            }

            if (dice != 0)
                return;

            // 90 to 120 us: the worker that polls gives up in the middle of it.
            long until = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 1_000_000 * (90 + (slot * 10 % 30)));
            while (Stopwatch.GetTimestamp() < until)
                Thread.SpinWait(10);
        }

        private void Fail(string message)
        {
            lock (_failures)
            {
                if (_failures.Count < 10)
                    _failures.Add(new InvalidOperationException(message));
            }
        }
    }
}
