using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>The specification of a completion, above all when it may be freed.</summary>
internal static class CompletionChecks
{
    private static readonly Fault s_notDone = new("not done", OperationKind.Store, "done", FaultChange.Skip)
    {
        Thread = 1,
        Explanation = "The waiter is woken, or comes, and finds that nothing is done.",
    };

    private enum Way
    {
        Wait,
        TryWait,
        IsDone,
        Complete,
        CompleteAll,
    }

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. SleepingLockCounts.AddTo(
        [
            new("completion-wait", "locks", "a completion: what was done before it is seen behind the wait, which frees it",
                static () => FreedBehind(static c =>
                {
                    c.Wait();
                    return true;
                }))
            {
                MustReach = ["freed"],
                Faults =
                [
                    s_notDone,
                    new("waiter not woken", OperationKind.Store, "state", FaultChange.Skip)
                    {
                        Explanation = "It is done and the waiter sleeps for ever.",
                    },
                    new("woken waiter does not take the wait lock", OperationKind.AwaitExchange, "waitLock", FaultChange.Skip)
                    {
                        Thread = 2,
                        Occurrence = 2,
                        Explanation = "The completion is freed while the other thread is still in it.",
                    },
                    new("wait without the wait lock", OperationKind.AwaitExchange, "waitLock", FaultChange.Skip)
                    {
                        Thread = 2,
                        Occurrence = 1,
                        Explanation = "The completion is freed while the other thread is still in it.",
                    },
                    new("done without the wait lock", OperationKind.AwaitExchange, "waitLock", FaultChange.Skip)
                    {
                        Thread = 1,
                        Explanation = "The waiter may look, find nothing, and join the queue when the other one has been there.",
                    },
                    new("slept under the wait lock", OperationKind.Await, "state", FaultChange.Delay)
                    {
                        Explanation = "Who could wake the waiter needs the lock that it holds.",
                    },
                    new("torn wait lock", OperationKind.AwaitExchange, "waitLock", FaultChange.Split)
                    {
                        Explanation = "Waiter and waker are at the queue at once.",
                    },
                    new("wait lock without acquire", OperationKind.AwaitExchange, "waitLock", FaultChange.Relax)
                    {
                        Explanation = "Nothing orders the waiter behind what was done.",
                    },
                    new("wait lock without release", OperationKind.Store, "waitLock", FaultChange.Relax)
                    {
                        Explanation = "Nothing orders what was done before the wait's end.",
                    },
                    new("wait lock not given back", OperationKind.Store, "waitLock", FaultChange.Skip)
                    {
                        Explanation = "Nobody else can wait or complete.",
                    },
                ],
            },
            new("completion-try", "locks", "a completion: an attempt never waits, and who succeeds may free it",
                static () => FreedBehind(static c => c.TryWait()))
            {
                MustReach = ["freed", "not done"],
                Faults = [s_notDone with { Name = "done twice", Thread = 2, Explanation = "What was waited for is there once more." }],
            },
            new("completion-done", "locks", "a completion: who finds it done may free it",
                static () => FreedBehind(static c => c.IsDone, taken: false))
            {
                MustReach = ["freed", "not done"],
                Faults =
                [
                    new("looked at without the wait lock", OperationKind.AwaitExchange, "waitLock", FaultChange.Skip)
                    {
                        Thread = 2,
                        Explanation = "The completion is freed while the other thread is still in it.",
                    },
                ],
            },
            new("completion-2-waits", "locks", "a completion: two threads wait, and it is completed twice", static () => Waits(all: false))
            {
                Faults = [s_notDone],
            },
            new("completion-all", "locks", "a completion: two threads wait, and it is completed for all", static () => Waits(all: true))
            {
                Faults = [s_notDone],
            },
            new("completion-pairs", "locks", "a completion: every two operations, while it is completed twice", Pairs)
            {
                MustReach = ["an attempt succeeded", "an attempt was refused", "done", "not done"],
                Faults = [s_notDone],
            },
            new("completion-again", "locks", "a completion: it is made as new and used once more", Again),
        ]),
        Broken("completion-once", "two threads wait for a completion that is completed once", Once),
        Broken("completion-in-reader", "a completion is waited for in a reader of RCU", InReader),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static void FreedBehind(Func<Completion, bool> isOver, bool taken = true)
    {
        var completion = new Completion("completion");
        var data = new Plain<int>(0, "data");
        bool over = false;
        Execution.Run(
            () =>
            {
                data.Write(42);
                completion.Complete();
            },
            () =>
            {
                over = isOver(completion);
                Execution.Reached(over ? "freed" : "not done");
                if (!over)
                    return;
                Execution.Assert(data.Read() == 42, "what was done before a completion is seen behind the wait");
                Execution.Assert(completion.IsDone != taken, "a completion that was waited for is not done any more");
                completion.Free();
            });
        Execution.Assert(over || completion.TryWait(), "what is completed can be waited for");
    }

    private static void Pairs()
    {
        int ways = Enum.GetValues<Way>().Length;
        int one = Execution.Choose(ways);
        int other = one + Execution.Choose(ways - one);
        var completion = new Completion("completion");
        bool[] waited = new bool[2];
        Execution.Run(
            () =>
            {
                completion.Complete();
                completion.Complete();
            },
            () => waited[0] = Perform((Way)one),
            () => waited[1] = Perform((Way)other));
        if (other == (int)Way.CompleteAll)
        {
            Execution.Assert(completion.IsDone, "what is completed for all stays done");
            return;
        }

        int left = 2 + (one == (int)Way.Complete ? 1 : 0) + (other == (int)Way.Complete ? 1 : 0) - waited.Count(static did => did);
        for (int i = 0; i < left; i++)
            Execution.Assert(completion.TryWait(), "what is completed can be waited for");
        Execution.Assert(!completion.IsDone, "as often as it was completed it was waited for");

        // Whether it has waited for it.
        bool Perform(Way way)
        {
            switch (way)
            {
                case Way.Wait:
                    completion.Wait();
                    return true;
                case Way.TryWait:
                    bool taken = completion.TryWait();
                    Execution.Reached(taken ? "an attempt succeeded" : "an attempt was refused");
                    return taken;
                case Way.IsDone:
                    Execution.Reached(completion.IsDone ? "done" : "not done");
                    return false;
                case Way.Complete:
                    completion.Complete();
                    return false;
                default:
                    completion.CompleteAll();
                    return false;
            }
        }
    }

    private static void Waits(bool all)
    {
        var completion = new Completion("completion");
        Execution.Run(
            () =>
            {
                if (all)
                {
                    completion.CompleteAll();
                    return;
                }

                completion.Complete();
                completion.Complete();
            },
            () => completion.Wait(),
            () => completion.Wait());
        Execution.Assert(completion.IsDone == all, "as often as it was completed it was waited for");
    }

    private static void Again()
    {
        var completion = new Completion("completion");
        Round();
        completion.Reinitialise();
        Execution.Assert(!completion.IsDone, "what has been made as new is not done");
        Round();

        void Round() => Execution.Run(completion.CompleteAll, () => completion.Wait());
    }

    private static void Once()
    {
        var completion = new Completion("completion");
        Execution.Run(completion.Complete, () => completion.Wait(), () => completion.Wait());
    }

    private static void InReader()
    {
        var rcu = new RcuMemb();
        var completion = new Completion();
        completion.Complete();
        using RcuSection<RcuMemb> section = rcu.Read();
        completion.Wait();
    }
}
