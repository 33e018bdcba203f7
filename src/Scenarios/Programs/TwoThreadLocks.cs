using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>Mutual exclusion of two threads by loads and stores alone: Dekker's and Peterson's algorithms.</summary>
internal static class TwoThreadLocks
{
    private const string Alone = "nobody else is in the section";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("dekker_f", "counts", "each raises its flag and enters if the other's is down", DekkerFlags)
        {
            Executions = 3,
            ExecutionsTso = 7,
            MustFailTso = true,
            MustReach = ["T1 entered", "T2 entered", "neither entered"],
            Faults =
            [
                new("flag raised too late", OperationKind.Store, "x", FaultChange.Delay)
                {
                    Explanation = "T2 looks at the other's flag before it raises its own.",
                },
                new("flag not raised", OperationKind.Store, "y", FaultChange.Skip)
                {
                    Explanation = "T1 enters without a flag, and T2 cannot see it.",
                },
            ],
        },
        new("dekker", "counts", "Dekker's algorithm: flags, and a turn for when both are up", Dekker)
        {
            Executions = 8,
            ExecutionsTso = 10,
            MustFailTso = true,
            MustReach = ["T2 gave way"],
            Faults =
            [
                new("flag not raised", OperationKind.Store, "flag[0]", FaultChange.Skip)
                {
                    Explanation = "T1 enters without a flag, and T2 cannot see it.",
                },
                new("turn not handed over", OperationKind.Store, "turn", FaultChange.Skip)
                {
                    Explanation = "The one who gave way waits for a turn that never comes.",
                },
            ],
        },
        new("peterson", "counts", "Peterson's algorithm, waiting for two cells in one step", Peterson)
        {
            Executions = 4,
            ExecutionsTso = 4,
            Faults =
            [
                new("flag not raised", OperationKind.Store, "flag[0]", FaultChange.Skip)
                {
                    Explanation = "T1 enters without a flag, and T2 cannot see it.",
                },
                new("turn not given away", OperationKind.Store, "turn", FaultChange.Skip)
                {
                    Explanation = "Neither gives way: T1 finds the turn its own and enters, whatever T2's flag says.",
                },
                new("no waiting", OperationKind.AwaitMany, "", FaultChange.Skip)
                {
                    Explanation = "Nobody waits.",
                },
            ],
        },
        new("peterson-loop", "counts", "Peterson's algorithm, looking again whenever something has changed", PetersonLoop)
        {
            Executions = 12,
            ExecutionsTso = 42,
            MustFailTso = true,
            MustReach = ["T1 looked twice", "T2 looked twice"],
        },
    ];

    private static void DekkerFlags()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        var c = new Cell<int>(0, "c");
        bool entered1 = false, entered2 = false;
        Execution.Run(
            () =>
            {
                y.WriteOnce(1);
                if (x.ReadOnce() != 0)
                    return;
                entered1 = true;
                c.WriteOnce(1);
                Execution.Assert(c.ReadOnce() == 1, Alone);
            },
            () =>
            {
                x.WriteOnce(1);
                if (y.ReadOnce() != 0)
                    return;
                entered2 = true;
                c.WriteOnce(0);
                Execution.Assert(c.ReadOnce() == 0, Alone);
            });
        Execution.Assert(!(entered1 && entered2), Alone);
        Execution.Reached("T1 entered", entered1);
        Execution.Reached("T2 entered", entered2);
        Execution.Reached("neither entered", !entered1 && !entered2);
    }

    // The first turn is T1's, so with one section each only T2 ever gives way.
    private static void Dekker()
    {
        Cell<int>[] flag = Cell<int>.Array(2, 0, "flag");
        var turn = new Cell<int>(0, "turn");
        var inside = new Plain<int>(0, "inside");
        Execution.Run(() => Enter(0), () => Enter(1));
        Execution.Assert(inside.Read() == 2, "no increment is lost");

        void Enter(int me)
        {
            int other = 1 - me;
            flag[me].WriteOnce(1);
            if (flag[other].LoadAcquire() != 0)
            {
                if (turn.ReadOnce() != me)
                {
                    flag[me].WriteOnce(0);
                    turn.AwaitEqual(me);
                    flag[me].WriteOnce(1);
                    Execution.Reached(me == 0 ? "T1 gave way" : "T2 gave way");
                }

                flag[other].AwaitEqual(0);
            }

            inside.Write(inside.Read() + 1);
            turn.WriteOnce(other);
            flag[me].StoreRelease(0);
        }
    }

    private static void Peterson()
    {
        Cell<int>[] flag = Cell<int>.Array(2, 0, "flag");
        var turn = new Cell<int>(0, "turn");
        var x = new Cell<int>(0, "x");
        Execution.Run(
            () =>
            {
                flag[0].WriteOnce(1);
                turn.WriteOnce(1);
                Execution.Await(ref flag[1], ref turn, static (raised, whose) => raised == 0 || whose != 1);
                x.WriteOnce(0);
                Execution.Assert(x.ReadOnce() == 0, Alone);
                flag[0].WriteOnce(0);
            },
            () =>
            {
                flag[1].WriteOnce(1);
                turn.WriteOnce(0);
                Execution.Await(ref flag[0], ref turn, static (raised, whose) => raised == 0 || whose != 0);
                x.WriteOnce(1);
                Execution.Assert(x.ReadOnce() == 1, Alone);
                flag[1].WriteOnce(0);
            });
    }

    // The loop itself is executed, load by load. Between two rounds it lets the other get on until something that it read
    // has changed for the better: without that a fruitless loop has no end and the program no number of executions.
    private static void PetersonLoop()
    {
        Cell<int>[] flag = Cell<int>.Array(2, 0, "flag");
        var turn = new Cell<int>(0, "turn");
        var x = new Cell<int>(0, "x");
        Execution.Run(
            () =>
            {
                flag[0].WriteOnce(1);
                turn.WriteOnce(1);
                while (flag[1].ReadOnce() != 0 && turn.ReadOnce() == 1)
                {
                    Execution.Await(ref flag[1], ref turn, static (raised, whose) => raised == 0 || whose != 1);
                    Execution.Reached("T1 looked twice");
                }

                x.WriteOnce(0);
                Execution.Assert(x.ReadOnce() == 0, Alone);
                flag[0].WriteOnce(0);
            },
            () =>
            {
                flag[1].WriteOnce(1);
                turn.WriteOnce(0);
                while (flag[0].ReadOnce() != 0 && turn.ReadOnce() == 0)
                {
                    Execution.Await(ref flag[0], ref turn, static (raised, whose) => raised == 0 || whose != 0);
                    Execution.Reached("T2 looked twice");
                }

                x.WriteOnce(1);
                Execution.Assert(x.ReadOnce() == 1, Alone);
                flag[1].WriteOnce(0);
            });
    }
}
