using System.Diagnostics;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>One design does one workload for one round, on real threads.</summary>
internal static class ContentionRun
{
    // All threads end within a step each; more is a deadlock.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    // The random numbers of who makes the tree: no thread's.
    private const int TreeStream = 1 << 20;

    /// <summary>Measures; what goes wrong is in the figures. A run that is stuck keeps its threads and its machine.</summary>
    public static RunFigures Measure(Workload workload, ContentionDesign design, ContentionOptions options, TimeSpan duration)
    {
        ProcessTree? tree = null;
        try
        {
            var random = new ContentionRandom(options.Seed, TreeStream);
            tree = new ProcessTree(
                design, workload is RmapTree ? options with { Exclusive = 0, Large = 0 } : options, depth => workload.ChildrenAt(depth, options, random),
                workload.Collapses);
            return Measure(workload, tree, duration);
        }
#pragma warning disable CA1031 // Whatever a design does wrong is a result.
        catch (Exception failure)
        {
            return RunFigures.BrokenOff(TimeSpan.Zero, TimeSpan.Zero, failure.Message);
        }
#pragma warning restore CA1031
    }

    private static RunFigures Measure(Workload workload, ProcessTree tree, TimeSpan duration)
    {
        var session = new Session(workload, tree);
        GC.Collect();
        LockStat.Reset();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        TimeSpan elapsed = session.Run(duration, tree.Options.Cancellation);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        string? broken = session.Failure;
        if (!session.HasEnded)
            return RunFigures.BrokenOff(elapsed, cpu, broken ?? "a thread does not end");
        var sum = new WorkerTally();
        foreach (Worker worker in session.Workers)
            sum.Add(worker.Tally);
        IReadOnlyList<LockStatRow> locks = LockStat.Rows();
        WalkTally walks = tree.TakeWalks();
        long bytes = 0;
        Sharing sharing = default;
        if (broken is null)
        {
            sharing = Sharing.Of(tree);
            bytes = tree.ModelledBytes;
            tree.Check();
            tree.Dispose();
        }

        return new RunFigures(
            elapsed, cpu, sum, walks, bytes, sharing, locks, [.. session.Workers.Select(static worker => worker.Slices).OfType<ThreadSlices>()], broken);
    }

    /// <summary>The threads of a run.</summary>
    private sealed class Session
    {
        // How often the first thread looks whether another one has failed.
        private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

        private const int FramesShown = 4;

        private readonly Workload _workload;
        private readonly Thread[] _threads;
        private readonly Barrier _start;
        private volatile bool _stop;
        private volatile string? _failure;

        public Session(Workload workload, ProcessTree tree)
        {
            _workload = workload;
            Workers = [.. Enumerable.Range(0, tree.Options.Threads).Select(number => new Worker(tree, number, tree.Options.Seed)
            {
                Slices = tree.Options.KeepsSlices ? new ThreadSlices() : null,
            })];
            _start = new Barrier(Workers.Count + 1);
            _threads = [.. Workers.Select(worker => new Thread(() => Work(worker)) { IsBackground = true, Name = $"{workload.Name} {worker.Number}" })];
        }

        public IReadOnlyList<Worker> Workers { get; }

        public string? Failure => _failure;

        public bool HasEnded { get; private set; }

        public TimeSpan Run(TimeSpan duration, CancellationToken cancellation)
        {
            foreach (Thread thread in _threads)
                thread.Start();
            _start.SignalAndWait(CancellationToken.None);
            long begin = Stopwatch.GetTimestamp();
            while (!_stop && !cancellation.IsCancellationRequested && Stopwatch.GetElapsedTime(begin) is var now && now < duration)
            {
                TimeSpan left = duration - now;
                cancellation.WaitHandle.WaitOne(left < s_look ? left : s_look);
            }

            _stop = true;
            TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);
            HasEnded = true;
            foreach (Thread thread in _threads)
            {
                TimeSpan left = elapsed + s_patience - Stopwatch.GetElapsedTime(begin);
                HasEnded &= thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }

            // Threads end with the step they are in, which counts: its time must too.
            TimeSpan all = Stopwatch.GetElapsedTime(begin);
            return HasEnded ? all : elapsed;
        }

        // With the operation in which it happened, as far as the JIT has left its frames.
        private static string Describe(Exception failure)
        {
            string[] frames =
            [
                .. new StackTrace(failure).GetFrames().Select(static frame => frame.GetMethod())
                    .Where(static method => method?.DeclaringType is { } type && type != typeof(Execution) && type.Namespace is { } name
                        && name.StartsWith(nameof(RcuModel), StringComparison.Ordinal))
                    .Select(static method => $"{method!.DeclaringType!.Name}.{method.Name}").Take(FramesShown),
            ];
            return frames.Length > 0 ? $"{failure.Message} (in {string.Join(", from ", frames)})" : failure.Message;
        }

#pragma warning disable CA1031 // Whatever a design does wrong on a thread is a result.
        private void Work(Worker worker)
        {
            LockStat.Keep(worker.Slices?.Locks);
            _start.SignalAndWait(CancellationToken.None);
            try
            {
                while (!_stop)
                    _workload.Step(worker);
            }
            catch (Exception failure)
            {
                _failure ??= Describe(failure);
                _stop = true;
            }
        }
#pragma warning restore CA1031
    }
}
