using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>
/// What x86 allows and forbids: the litmus tests of its manuals and of Sewell, Sarkar, Owens, Zappa Nardelli and Myreen,
/// "x86-TSO" (CACM 2010). What is forbidden is asserted; what only store buffers allow must be reached under tso.
/// </summary>
internal static class StoreOrder
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("sb-fences", "litmus", "store buffering with a full fence in each thread: not both read 0", StoreBufferingFenced)
        {
            Executions = 3,
            ExecutionsTso = 3,
        },
        new("sb-membarrier", "litmus", "store buffering, a process-wide fence on one side and none on the other", StoreBufferingAsymmetric)
        {
            Executions = 3,
            ExecutionsTso = 3,
        },
        new("lb", "litmus", "load buffering: a load is not done after a later store of its thread", LoadBuffering)
        {
            Executions = 3,
            ExecutionsTso = 3,
        },
        new("iriw", "litmus", "two readers see two independent writes in the same order", IndependentReads)
        {
            Executions = 15,
            ExecutionsTso = 15,
        },
        new("r", "litmus", "two stores against a store and a load: the load may be early", StoreAgainstLoad)
        {
            Executions = 3,
            ExecutionsTso = 4,
            MustReachTso = ["the load was done before the store before it was seen"],
        },
        new("s", "litmus", "stores and a read between them stay in order", StoreAfterRead)
        {
            Executions = 3,
            ExecutionsTso = 3,
        },
        new("2-2w", "litmus", "two threads write two cells in opposite orders: stores stay in order", FourWrites)
        {
            Executions = 3,
            ExecutionsTso = 3,
        },
        new("n5", "litmus", "each thread reads its own store or a later one", OwnStores)
        {
            Executions = 4,
            ExecutionsTso = 4,
        },
        new("n6", "litmus", "a thread sees its own store before others do", SeesOwnStoreFirst)
        {
            Executions = 4,
            ExecutionsTso = 5,
            MustReachTso = ["saw its own store, missed an earlier one, and was last"],
        },
        new("iwp23b", "litmus", "store buffering, in which each thread reads its own store first", StoreForwarding)
        {
            Executions = 3,
            ExecutionsTso = 4,
            MustReachTso = ["each saw its own store first"],
        },
    ];

    private static void StoreBufferingFenced()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r1 = 0, r2 = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                Fence.Full();
                r1 = y.ReadOnce();
            },
            () =>
            {
                y.WriteOnce(1);
                Fence.Full();
                r2 = x.ReadOnce();
            });
        Execution.Assert(r1 == 1 || r2 == 1, "whoever looks last sees the other's store");
    }

    private static void StoreBufferingAsymmetric()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r1 = 0, r2 = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                Fence.ProcessWide();
                r1 = y.ReadOnce();
            },
            () =>
            {
                y.WriteOnce(1);
                r2 = x.ReadOnce();
            });
        Execution.Assert(r1 == 1 || r2 == 1, "whoever looks last sees the other's store");
    }

    private static void LoadBuffering()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r1 = 0, r2 = 0;
        Execution.Run(
            () =>
            {
                r1 = x.ReadOnce();
                y.WriteOnce(1);
            },
            () =>
            {
                r2 = y.ReadOnce();
                x.WriteOnce(1);
            });
        Execution.Assert(r1 == 0 || r2 == 0, "nothing is read before it is written");
    }

    private static void IndependentReads()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
        Execution.Run(
            () => x.WriteOnce(1),
            () => y.WriteOnce(1),
            () =>
            {
                r1 = x.ReadOnce();
                r2 = y.ReadOnce();
            },
            () =>
            {
                r3 = y.ReadOnce();
                r4 = x.ReadOnce();
            });
        Execution.Assert(!(r1 == 1 && r2 == 0 && r3 == 1 && r4 == 0), "all see the stores in one order");
    }

    private static void StoreAgainstLoad()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                y.WriteOnce(1);
            },
            () =>
            {
                y.WriteOnce(2);
                r = x.ReadOnce();
            });
        Execution.Reached("the load was done before the store before it was seen", y.ReadOnce() == 2 && r == 0);
    }

    private static void StoreAfterRead()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(2);
                y.WriteOnce(1);
            },
            () =>
            {
                r = y.ReadOnce();
                x.WriteOnce(1);
            });
        Execution.Assert(r == 0 || x.ReadOnce() == 1, "what comes after a read comes after what was read");
    }

    private static void FourWrites()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                y.WriteOnce(2);
            },
            () =>
            {
                y.WriteOnce(1);
                x.WriteOnce(2);
            });
        Execution.Assert(x.ReadOnce() == 2 || y.ReadOnce() == 2, "not both first stores come last");
    }

    private static void OwnStores()
    {
        var x = new Cell<int>(0, "x");
        int r1 = 0, r2 = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                r1 = x.ReadOnce();
            },
            () =>
            {
                x.WriteOnce(2);
                r2 = x.ReadOnce();
            });
        Execution.Assert(r1 == 1 || r2 == 2, "one of the two stores comes last, and its thread sees it");
    }

    private static void SeesOwnStoreFirst()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r1 = 0, r2 = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                r1 = x.ReadOnce();
                r2 = y.ReadOnce();
            },
            () =>
            {
                y.WriteOnce(1);
                x.WriteOnce(2);
            });
        Execution.Reached("saw its own store, missed an earlier one, and was last", r1 == 1 && r2 == 0 && x.ReadOnce() == 1);
    }

    private static void StoreForwarding()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r2 = 0, r4 = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                Execution.Assert(x.ReadOnce() == 1, "a thread sees its own store");
                r2 = y.ReadOnce();
            },
            () =>
            {
                y.WriteOnce(1);
                Execution.Assert(y.ReadOnce() == 1, "a thread sees its own store");
                r4 = x.ReadOnce();
            });
        Execution.Reached("each saw its own store first", r2 == 0 && r4 == 0);
    }
}
