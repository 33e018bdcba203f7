using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// The queue of spinners of a sleeping lock: one has its turn at a time, nobody loses a place or a turn by another one's
/// giving up, and whoever gives up has either left or has its turn.
/// </summary>
internal static class SpinQueueChecks
{
    private static readonly Func<bool> s_mayGiveUp = static () => true;

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("osq-2", "locks", "the spin queue: 2 threads that never give up", () => Turns(1, false, false))
        {
            Executions = 6,
            ExecutionsTso = 6,
            Faults = SpinQueueFaults.Stay,
        },
        new("osq-3", "locks", "the spin queue: 3 threads that never give up", () => Turns(1, false, false, false))
        {
            Executions = 126,
            ExecutionsTso = 126,
            Faults = SpinQueueFaults.Stay,
        },
        new("osq-leave", "locks", "the spin queue: one waits and may give up, the other one stays", () => Turns(1, false, true))
        {
            Executions = 14,
            ExecutionsTso = 14,
            MustReach = ["gave up", "left as the last", "its turn came while it left"],
            Faults = SpinQueueFaults.Leave,
        },
        new("osq-leave-2", "locks", "the spin queue: 2 threads that may give up", () => Turns(1, true, true))
        {
            Executions = 22,
            ExecutionsTso = 22,
            MustReach = ["gave up", "left as the last", "its turn came while it left"],
            Faults = SpinQueueFaults.Leave,
        },
        new("osq-leave-again", "locks", "the spin queue: 2 threads that may give up, twice each", () => Turns(2, true, true))
        {
            Executions = 1_990,
            ExecutionsTso = 1_990,
            MustReach = ["gave up", "left as the last", "its turn came while it left"],
            Faults = SpinQueueFaults.Leave,
        },
        new("osq-middle", "locks", "the spin queue: of 3 threads one may give up", () => Turns(1, false, true, false))
        {
            Executions = 454,
            ExecutionsTso = 454,
            MustReach = ["gave up", "left as the last", "left from the middle", "its turn came while it left"],
            Faults = SpinQueueFaults.Middle,
        },
        new("osq-one-stays", "locks", "the spin queue: of 3 threads two may give up", () => Turns(1, false, true, true))
        {
            Executions = 2_376,
            ExecutionsTso = 2_376,
            MustReach = ["gave up", "left as the last", "left from the middle", "its turn came while it left"],
        },
        new("osq-leave-3", "locks", "the spin queue: 3 threads that may give up", () => Turns(1, true, true, true))
        {
            Executions = 5_892,
            ExecutionsTso = 5_892,
            MustReach = ["gave up", "left as the last", "left from the middle", "its turn came while it left"],
            Faults = SpinQueueFaults.Middle,
        },
        new("osq-neighbours", "locks", "the spin queue: 3 wait behind who has its turn, and two of them may give up",
            () => Neighbours(true, true, false))
        {
            Executions = 69_818,
            ExecutionsTso = 69_818,
            MustReach = ["gave up", "left from the middle", "its turn came while it left"],
        },
        new("osq-order", "locks", "the spin queue: who joined first has its turn first, although one between may give up",
            () => InOrder())
        {
            Executions = 7_787,
            ExecutionsTso = 7_787,
            MustReach = ["T3 came while T1 waited", "gave up"],
        },
    ];

    private static void Turns(int rounds, params ReadOnlySpan<bool> mayGiveUp)
    {
        var tested = new Tested();
        OptimisticSpinQueue queue = tested.Queue;
        var had = new int[mayGiveUp.Length];
        var threads = new Action[mayGiveUp.Length];
        for (int i = 0; i < threads.Length; i++)
        {
            int me = i;
            bool leaves = mayGiveUp[i];
            threads[i] = () =>
            {
                for (int round = 0; round < rounds; round++)
                    had[me] += tested.Turn(leaves) ? 1 : 0;
            };
        }

        Execution.Run(threads);
        Execution.Assert(!queue.IsLocked, "the queue is empty at the end");
        Execution.Assert(tested.Turns.Read() == had.Sum(), "no turn is lost");
        for (int i = 0; i < threads.Length; i++)
            Execution.Assert(mayGiveUp[i] || had[i] == rounds, "who does not give up has its turn");
    }

    // The body itself has its turn from the beginning, so that all who come wait.
    private static void Neighbours(params ReadOnlySpan<bool> mayGiveUp)
    {
        var tested = new Tested();
        OptimisticSpinQueue queue = tested.Queue;
        queue.Lock();
        var threads = new ModelThread[mayGiveUp.Length];
        for (int i = 0; i < threads.Length; i++)
        {
            bool leaves = mayGiveUp[i];
            threads[i] = Execution.Start($"T{i + 1}", () => tested.Turn(leaves));
        }

        tested.Turns.Write(tested.Turns.Read() + 1);
        queue.Unlock();
        foreach (ModelThread thread in threads)
            thread.Join();
        Execution.Assert(!queue.IsLocked, "the queue is empty at the end");
    }

    // The body sees that somebody waits and says so. If T3 reads that before it comes, then it was T1 who waited.
    private static void InOrder()
    {
        var tested = new Tested();
        OptimisticSpinQueue queue = tested.Queue;
        var waiting = new Cell<bool>(false, "waiting");
        var admitted = new Plain<bool>(false, "admitted");
        queue.Lock();
        ModelThread first = Execution.Start("T1", () =>
        {
            queue.Lock();
            admitted.Write(true);
            queue.Unlock();
        });
        ModelThread between = Execution.Start("T2", () =>
        {
            if (waiting.ReadOnce())
                tested.Turn(mayGiveUp: true);
        });
        ModelThread last = Execution.Start("T3", () =>
        {
            bool late = waiting.ReadOnce();
            queue.Lock();
            bool wasAdmitted = admitted.Read();
            queue.Unlock();
            Execution.Assert(!late || wasAdmitted, "who joined first has its turn first");
            Execution.Reached("T3 came while T1 waited", late);
        });
        waiting.WriteOnce(queue.IsContended);
        queue.Unlock();
        first.Join();
        between.Join();
        last.Join();
    }

    private sealed class Tested
    {
        public readonly OptimisticSpinQueue Queue = new("queue");
        public Plain<int> Turns = new(0, "turns");

        public bool Turn(bool mayGiveUp)
        {
            bool has = Queue.Lock(mayGiveUp ? s_mayGiveUp : null);
            Execution.Reached("gave up", !has);
            if (!has)
                return false;
            Turns.Write(Turns.Read() + 1);
            Queue.Unlock();
            return true;
        }
    }
}
