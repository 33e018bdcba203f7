using System.Diagnostics;
using System.Globalization;
using RcuModel.Exploration.Handoff;

namespace RcuModel.Bench;

/// <summary>
/// What it costs that one thread goes on in another one's place: the explorer's baton in each of its modes, beside what
/// .NET offers for the purpose.
/// </summary>
/// <remarks>
/// The threads do nothing but hand on. They share nothing else that is written, so that no other cache line moves. Each
/// figure is one of several repeats with new threads; the smallest is what the machine can do, the median what it did.
/// </remarks>
internal static class HandoffCosts
{
    private const int Repeats = 9;

    // Looking at the clock costs half of what the fastest hand-off does.
    private const int HandoffsPerGlance = 16;

    // Short enough that a table takes three quarters of a minute, long enough for dozens of time slices.
    private static readonly TimeSpan s_repeat = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_repeatMax = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_rowMax = TimeSpan.FromSeconds(0.9);

    private static readonly Dictionary<(int Workers, Order Order, int Explorations), double> s_portable = [];

    private enum Order
    {
        Ring,
        Random,
    }

    public static int Run(string[] options)
    {
        int repeats = Repeats;
        if (options is [var given, ..]
            && (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out repeats) || repeats is < 1 or > 1000))
        {
            Console.Error.WriteLine($"'{given}' is not a number of repeats between 1 and 1000.");
            return 1;
        }

        // A folder of their own: explorations elsewhere on the machine have leases too, and are not asked for them.
        string folder = Directory.CreateTempSubdirectory("rcumodel-handoff-").FullName;
        try
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} CPUs, ns a hand-off, {repeats} repeats"));
            Console.WriteLine();
            Console.WriteLine("| mechanism | mode | workers | CPUs | explorations | order | min | median | ratio of medians to Portable |");
            Console.WriteLine("|---|---|---:|---|---:|---|---:|---:|---:|");
            foreach (Row row in Rows())
                Print(row, folder, repeats);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static IEnumerable<Row> Rows()
    {
        Order[] orders = [Order.Ring, Order.Random];

        // What the others are compared with comes first.
        yield return Row.Of(BatonKind.Portable, 2, 0, Order.Ring);
        foreach (Order order in orders)
        {
            foreach (int workers in new[] { 3, 4, 8, 16 })
                yield return Row.Of(BatonKind.Portable, workers, 0, order);
        }

        foreach (int workers in new[] { 3, 16 })
            yield return Row.Of(BatonKind.Portable, workers, 0, Order.Random, 2);

        if (Linux.HasFutex)
        {
            yield return Row.Of(BatonKind.Futex, 2, 2, Order.Ring);
            yield return Row.Of(BatonKind.Futex, 2, 1, Order.Ring);
            foreach (Order order in orders)
            {
                foreach (int workers in new[] { 3, 4 })
                    yield return Row.Of(BatonKind.Futex, workers, 2, order);
                foreach (int workers in new[] { 3, 4, 8, 16 })
                    yield return Row.Of(BatonKind.Futex, workers, 1, order);
            }

            foreach (int workers in new[] { 3, 16 })
                yield return Row.Of(BatonKind.Futex, workers, 1, Order.Random, 2);

            // The second exploration finds every CPU leased on a machine with two of them.
            yield return Row.Of(BatonKind.Futex, 3, 2, Order.Random, 2);
        }

        foreach (bool pinned in Linux.IsSupported ? new[] { false, true } : [false])
        {
            yield return Row.Of("SemaphoreSlim", pinned, static cpu => new SemaphoreTurns(cpu));
            yield return Row.Of("ManualResetEventSlim", pinned, static cpu => new SlimEventTurns(cpu));
            yield return Row.Of("Monitor.Wait, Pulse", pinned, static cpu => new MonitorTurns(cpu));
            yield return Row.Of("AutoResetEvent", pinned, static cpu => new EventTurns(cpu));
        }
    }

    private static void Print(Row row, string folder, int repeats)
    {
        // How many hand-offs fill a repeat; also what compiles the code.
        double about = Repeat(row, folder, 500, out _, out _);
        about = Repeat(row, folder, (long)Math.Clamp(5e6 / about, 500, 50_000), out _, out _);
        long passes = (long)(s_repeat.TotalNanoseconds / about);

        var costs = new List<double>();
        string mode, cpus;
        long start = Stopwatch.GetTimestamp();
        do
            costs.Add(Repeat(row, folder, passes, out mode, out cpus));
        while (costs.Count < repeats && (repeats != Repeats || Stopwatch.GetElapsedTime(start) < s_rowMax));

        costs.Sort();
        double median = costs[costs.Count / 2];
        (int Workers, Order Order, int Explorations) key = (row.Workers, row.Order, row.Explorations);
        s_portable.TryAdd(key, median);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {row.Name} | {mode} | {row.Workers} | {cpus} | {row.Explorations} | {(row.Order == Order.Ring ? "ring" : "random")} | {costs[0]:N0} | {median:N0} | {median / s_portable[key]:0.00} |"));
    }

    // The cost of a hand-off in the exploration that fared worst.
    private static double Repeat(Row row, string folder, long passes, out string mode, out string cpus)
    {
        var explorations = new Exploration[row.Explorations];
        for (int e = 0; e < explorations.Length; e++)
            explorations[e] = new Exploration(row, folder, passes);

        // All have their places, and those that sleep are asleep.
        Thread.Sleep(3);
        mode = string.Join(" + ", explorations.Select(static e => e.Mode).Distinct());
        cpus = string.Join(" + ", explorations.Select(static e => e.Cpus).Distinct());
        foreach (Exploration exploration in explorations)
            exploration.Begin();
        double worst = 0;
        foreach (Exploration exploration in explorations)
            worst = Math.Max(worst, exploration.End());
        return worst;
    }

    /// <summary>What is measured: how many threads hand on by what means, and where they run.</summary>
    private sealed record Row(
        string Name, int Workers, int CpusWanted, Order Order, int Explorations, Func<CpuLease, Baton> Create)
    {
        // Whether its Mode says anything.
        public bool IsExplorers { get; private init; }

        public static Row Of(BatonKind kind, int workers, int cpus, Order order, int explorations = 1) =>
            new($"{kind} baton", workers, cpus, order, explorations, lease => Baton.Create(lease, kind))
            {
                IsExplorers = kind == BatonKind.Futex,
            };

        public static Row Of(string name, bool pinned, Func<int, Baton> create) =>
            new(name, 2, pinned ? 1 : 0, Order.Ring, 1, lease => create(lease.Exclusive ? lease.Cpus[0] : -1));
    }

    /// <summary>Threads that hand on to each other until one of them has done so often enough.</summary>
    private sealed class Exploration
    {
        private readonly CpuLease _lease;
        private readonly Baton _baton;
        private readonly Thread[] _threads;
        private readonly Row _row;
        private readonly long _quota;
        private long _begun;

        // Read by all at every turn and written at the end only. Everything below belongs to whoever has the turn.
        private bool _over;
        private int _ended;
        private long _passes;
        private long _finished;

        public Exploration(Row row, string folder, long passes)
        {
            _row = row;
            _quota = Math.Max(1, passes / row.Workers);
            _lease = CpuLease.Take(row.CpusWanted, folder);
            _baton = row.Create(_lease);
            _threads = new Thread[row.Workers];
            using var ready = new CountdownEvent(row.Workers);
            for (int slot = 0; slot < row.Workers; slot++)
            {
                int mine = slot;
                _threads[slot] = new Thread(() => Work(mine, ready), 256 * 1024) { IsBackground = true };
                _threads[slot].Start();
            }

            ready.Wait();
        }

        public string Mode => _row.IsExplorers ? _baton.Mode.ToString() : "";

        public string Cpus =>
            _row.CpusWanted == 0 ? "any"
            : _lease.Exclusive ? _lease.Cpus.Length.ToString(CultureInfo.InvariantCulture)
            : "one that others use";

        public void Begin()
        {
            _begun = Stopwatch.GetTimestamp();
            _baton.Pass(0);
        }

        /// <summary>Waits for the end; gives the ns of a hand-off.</summary>
        public double End()
        {
            foreach (Thread thread in _threads)
                thread.Join();
            _baton.Dispose();
            _lease.Dispose();
            return Stopwatch.GetElapsedTime(_begun, _finished).TotalNanoseconds / _passes;
        }

        private void Work(int slot, CountdownEvent ready)
        {
            Baton baton = _baton;
            int workers = _row.Workers;
            int next = (slot + 1) % workers;
            bool ring = _row.Order == Order.Ring;
            uint seed = 12345u + ((uint)slot * 2654435761u);
            long passed = 0;
            baton.Attach(slot);
            ready.Signal();
            while (true)
            {
                baton.Wait(slot);
                if (_over)
                    break;
                if (passed == _quota || (passed % HandoffsPerGlance == 0 && Stopwatch.GetElapsedTime(_begun) > s_repeatMax))
                {
                    _finished = Stopwatch.GetTimestamp();
                    _over = true;
                    break;
                }

                passed++;
                if (ring)
                {
                    baton.Pass(next);
                    continue;
                }

                seed ^= seed << 13;
                seed ^= seed >> 17;
                seed ^= seed << 5;
                int to = (int)(seed % (uint)(workers - 1));
                baton.Pass(to >= slot ? to + 1 : to);
            }

            // Round once more, so that every thread ends.
            _passes += passed;
            if (++_ended < workers)
                baton.Pass(next);
            baton.Detach(slot);
        }
    }

    /// <summary>What .NET offers, in the place of a baton; on one CPU, or wherever the system puts the threads.</summary>
    private abstract class Turns(int cpu) : Baton
    {
        public override WaitMode Mode => WaitMode.Shared;

        public override void Attach(int slot)
        {
            if (cpu >= 0)
                Linux.Pin(cpu);
        }

        // The thread ends, and its place with it.
        public override void Detach(int slot)
        {
        }

        public override void Refresh()
        {
        }

        // Not the primitives: the last passer may still be inside one of them.
        public override void Dispose()
        {
        }
    }

    private sealed class SemaphoreTurns(int cpu) : Turns(cpu)
    {
        private readonly SemaphoreSlim[] _turns = [new(0, 1), new(0, 1)];

        public override void Pass(int slot) => _turns[slot].Release();

        public override void Wait(int slot) => _turns[slot].Wait();
    }

    private sealed class SlimEventTurns(int cpu) : Turns(cpu)
    {
        private readonly ManualResetEventSlim[] _turns = [new(), new()];

        public override void Pass(int slot) => _turns[slot].Set();

        public override void Wait(int slot)
        {
            _turns[slot].Wait();
            _turns[slot].Reset();
        }
    }

    private sealed class EventTurns(int cpu) : Turns(cpu)
    {
        private readonly AutoResetEvent[] _turns = [new(false), new(false)];

        public override void Pass(int slot) => _turns[slot].Set();

        public override void Wait(int slot) => _turns[slot].WaitOne();
    }

    // One monitor a thread, so that nobody is woken in vain.
    private sealed class MonitorTurns(int cpu) : Turns(cpu)
    {
        private readonly object[] _monitors = [new(), new()];
        private readonly bool[] _turns = new bool[2];

        public override void Pass(int slot)
        {
            lock (_monitors[slot])
            {
                _turns[slot] = true;
                Monitor.Pulse(_monitors[slot]);
            }
        }

        public override void Wait(int slot)
        {
            lock (_monitors[slot])
            {
                while (!_turns[slot])
                    Monitor.Wait(_monitors[slot]);
                _turns[slot] = false;
            }
        }
    }
}
