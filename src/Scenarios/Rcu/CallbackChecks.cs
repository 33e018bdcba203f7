using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// Callbacks: they run after every reader that was under way at the call, in the order of the calls, once, and all of them;
/// who may not wait does not. The worker is T1 to the seeded faults, since it is started first.
/// </summary>
internal static class CallbackChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Frees(TestedRcu.Memb, 12, RcuFaults.Callbacks),
        Frees(TestedRcu.Mb, 12, [.. RcuFaults.Callbacks, .. RcuFaults.CallbacksOrdered]),
        Frees(TestedRcu.Qsbr, 12, [.. RcuFaults.Callbacks, .. RcuFaults.CallbacksOrdered]),
        new("rcu-call-order", "rcu", "callbacks of two threads: each runs once, those of one thread in order", Order)
        {
            Executions = 770,
            MustReach = ["T2's callback ran last", "T2's callback ran between", "T2's callback ran first"],
            Faults = RcuFaults.CallbackOrder,
        },
        new("rcu-barrier", "rcu", "a barrier returns when all callbacks have run that were accepted before it", Barrier)
        {
            Executions = 290,
            MustReach = ["the other's callback had run", "the other's callback had not run"],
            Faults = RcuFaults.Barrier,
        },
        new("rcu-call-limit", "rcu", "a caller that is too far ahead waits, and one in a reader does not", Limit)
        {
            Executions = 101,
            MustReach = ["the limit was reached"],
            Faults = RcuFaults.Limit,
        },
        new("rcu-call-again", "rcu", "a callback gives its own head to Call again", Again)
        {
            Executions = 27,
        },
        new("rcu-start-poll", "rcu", "a grace period that has been asked for is polled for", StartPoll)
        {
            Executions = 142,
            MustReach = ["the grace period was found to be over", "the grace period was not over"],
            Faults = [RcuFaults.PolledWithoutAcquire],
        },
        new("rcu-double-call", "selfcheck", "a head is given to Call while it waits for its callback", DoubleCall)
        {
            MustFail = true,
        },
        new("rcu-barrier-in-callback", "selfcheck", "a callback waits for all callbacks", BarrierInCallback)
        {
            MustFail = true,
        },
        new("rcu-callback-frees-early", "selfcheck", "what a reader may still read is freed without a grace period", FreesEarly)
        {
            MustFail = true,
        },
    ];

    private static Scenario Frees(TestedRcu flavour, long executions, IReadOnlyList<Fault> faults) => new(
        $"rcu-{flavour.Name}-call", "rcu", $"{flavour.Name}: what is removed is freed by the worker, and nobody waits",
        () => Frees(flavour.Create(null)))
    {
        Executions = executions,
        MustReach = ["the reader held the old", "the reader held the new"],
        Faults = faults,
    };

    private static void Frees(Primitives.Rcu rcu)
    {
        var current = new Ref<Node>(new Node(1, mustFree: true), "current");
        using var callbacks = new RcuCallbacks(rcu);
        RcuReader reader = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, reader);
                rcu.Lock(reader);
                Node node = rcu.Dereference(ref current)!;
                node.Users.FetchAdd(1);
                int number = node.Number.Read();
                rcu.Unlock(reader);
                TestedRcu.Done(rcu, reader);
                Execution.Reached(number == 1 ? "the reader held the old" : "the reader held the new");
            },
            () =>
            {
                Node old = current.ReadOnce()!;
                rcu.Assign(ref current, new Node(2, mustFree: true));
                callbacks.Free(old);
            });
        callbacks.Barrier();
        current.ReadOnce()!.Free();
    }

    private static void Order()
    {
        using var callbacks = new RcuCallbacks(new RcuMb());
        var ran = new Plain<int>(0, "ran");
        Execution.Run(
            () =>
            {
                callbacks.Call(() => Append(1));
                callbacks.Call(() => Append(2));
            },
            () => callbacks.Call(() => Append(3)));
        callbacks.Barrier();
        int order = ran.Read();
        Execution.Assert(order is 123 or 132 or 312, "each callback runs once, and those of one thread in the order of its calls");
        Execution.Reached("T2's callback ran last", order == 123);
        Execution.Reached("T2's callback ran between", order == 132);
        Execution.Reached("T2's callback ran first", order == 312);

        void Append(int digit)
        {
            ran.Write(ran.Read() * 10 + digit);
        }
    }

    private static void Barrier()
    {
        using var callbacks = new RcuCallbacks(new RcuMb());
        var mine = new Plain<int>(0, "mine");
        var others = new Cell<int>(0, "others");
        Execution.Run(
            () =>
            {
                callbacks.Call(() => mine.Write(1));
                callbacks.Barrier();
                Execution.Assert(mine.Read() == 1, "a callback has run that was accepted before the barrier");
                bool ran = others.ReadOnce() != 0;
                Execution.Reached("the other's callback had run", ran);
                Execution.Reached("the other's callback had not run", !ran);
            },
            () => callbacks.Call(() => others.WriteOnce(1)));
    }

    private static void Limit()
    {
        var rcu = new RcuMb();
        using var callbacks = new RcuCallbacks(rcu, pendingMax: 1);
        var ran = new Cell<int>(0, "ran");
        RcuReader reader = TestedRcu.Register(rcu);
        Execution.Run(() =>
        {
            TestedRcu.Begin(rcu, reader);
            using (rcu.Read(reader))
            {
                callbacks.Call(Count);
                callbacks.Call(Count);
            }

            callbacks.Call(Count);
            int seen = ran.ReadOnce();
            Execution.Assert(seen >= 2, "who is not in a reader waits until no more are pending than may be");
            Execution.Reached("the limit was reached", seen == 2);
        });

        void Count() => ran.FetchAdd(1);
    }

    private static void Again()
    {
        using var callbacks = new RcuCallbacks(new RcuMb());
        var head = new RcuHead();
        var runs = new Plain<int>(0, "runs");
        callbacks.Call(head, Run);
        callbacks.Barrier();
        callbacks.Barrier();
        Execution.Assert(runs.Read() == 2, "the callback has run again");

        void Run(RcuHead mine)
        {
            int before = runs.Read();
            runs.Write(before + 1);
            if (before == 0)
                callbacks.Call(mine, Run);
        }
    }

    private static void StartPoll()
    {
        var rcu = new RcuMb();
        var current = new Ref<Node>(new Node(1), "current");
        using var callbacks = new RcuCallbacks(rcu);
        RcuReader reader = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, reader);
                using (rcu.Read(reader))
                    _ = rcu.Dereference(ref current)?.Number.Read();
            },
            () =>
            {
                Node old = current.ReadOnce()!;
                rcu.Assign(ref current, null);
                ulong state = callbacks.StartPoll();
                bool over = rcu.Poll(state);
                Execution.Reached("the grace period was found to be over", over);
                Execution.Reached("the grace period was not over", !over);
                if (!over)
                    rcu.CondSynchronize(state);
                old.Free();
            });
    }

    private static void DoubleCall()
    {
        using var callbacks = new RcuCallbacks(new RcuMb());
        var node = new Node(1);
        var head = new RcuHead(node);
        callbacks.Call(head, static mine => ((Node)mine.Owner!).Number.Write(0));
        callbacks.Call(head, static mine => ((Node)mine.Owner!).Number.Write(0));
    }

    private static void BarrierInCallback()
    {
        using var callbacks = new RcuCallbacks(new RcuMb());
        callbacks.Call(() => callbacks.Barrier());
        callbacks.Barrier();
    }

    private static void FreesEarly()
    {
        var rcu = new RcuMb();
        var current = new Ref<Node>(new Node(1), "current");
        RcuReader reader = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, reader);
                using (rcu.Read(reader))
                    _ = rcu.Dereference(ref current)?.Number.Read();
            },
            () => current.Exchange(null)!.Free());
    }

    private sealed class Node : SharedObject
    {
        public Cell<int> Users;
        public Plain<int> Number;

        public Node(int number, bool mustFree = false)
            : base(nameof(Node), mustFree)
        {
            Users = new Cell<int>(this, 0, "users");
            Number = new Plain<int>(this, number, "number");
        }
    }
}
