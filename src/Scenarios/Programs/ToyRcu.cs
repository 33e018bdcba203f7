using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>
/// Two grace periods written out: one that waits for each reader to be seen outside, one that waits in two phases.
/// Readers follow a pointer p to a, which is then taken back, or to b.
/// </summary>
internal static class ToyRcu
{
    private const string Alive = "a reader never finds what the updater has taken back";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        OnePhase(1, 3, 5),
        OnePhase(2, 9, 25),
        OnePhase(3, 27, 125),
        OnePhase(4, 81, 625),
        TwoPhases(1, 9, 12),
        TwoPhases(2, 81, 144),
    ];

    private static Scenario OnePhase(int readers, long executions, long executionsTso) => new(
        $"toyrcu({readers})", "counts", $"a grace period that awaits each of {readers} readers: 3^r",
        () => RunOnePhase(readers))
    {
        Executions = executions,
        ExecutionsTso = executionsTso,
        MustFailTso = true,
        MustReach = ["a reader held the old version", "a reader took the new version"],
        Faults =
        [
            new("no grace period", OperationKind.Await, "c[0]", FaultChange.Skip)
            {
                Explanation = "The updater does not wait for the first reader.",
            },
            new("reader enters unseen", OperationKind.Store, "c[0]", FaultChange.Delay)
            {
                Explanation = "The first reader follows the pointer before it says that it reads.",
            },
        ],
    };

    private static void RunOnePhase(int readers)
    {
        Cell<int>[] c = Cell<int>.Array(readers, 0, "c");
        var p = new Cell<int>(0, "p");
        var a = new Cell<int>(1, "a");
        var b = new Cell<int>(1, "b");
        var threads = new Action[readers + 1];
        for (int i = 0; i < readers; i++)
        {
            int me = i;
            threads[i] = () =>
            {
                c[me].WriteOnce(1);
                int version = p.ReadOnce();
                int value = version != 0 ? b.ReadOnce() : a.ReadOnce();
                Execution.Assert(value == 1, Alive);
                Execution.Reached("a reader held the old version", version == 0);
                Execution.Reached("a reader took the new version", version == 1);
                c[me].StoreRelease(0);
            };
        }

        threads[readers] = () =>
        {
            p.WriteOnce(1);
            for (int k = 0; k < readers; k++)
                c[k].AwaitEqual(0);
            a.WriteOnce(0);
        };
        Execution.Run(threads);
    }

    private static Scenario TwoPhases(int readers, long executions, long executionsTso) => new(
        $"twophase({readers})", "counts", $"a grace period in two phases, {readers} readers: 9^r",
        () => RunTwoPhases(readers))
    {
        Executions = executions,
        ExecutionsTso = executionsTso,
        MustFailTso = true,
        MustReach = ["a reader held the old version", "a reader took the new version"],
        Faults =
        [
            new("no grace period", OperationKind.Await, "c[0]", FaultChange.Skip)
            {
                Explanation = "The updater waits for the first reader in neither phase.",
            },
        ],
    };

    // c[i] is 0 outside, 2 + the phase that the reader saw inside.
    private static void RunTwoPhases(int readers)
    {
        Cell<int>[] c = Cell<int>.Array(readers, 0, "c");
        var gp = new Cell<int>(0, "gp");
        var p = new Cell<int>(0, "p");
        var a = new Cell<int>(1, "a");
        var b = new Cell<int>(1, "b");
        var threads = new Action[readers + 1];
        for (int i = 0; i < readers; i++)
        {
            int me = i;
            threads[i] = () =>
            {
                int phase = gp.ReadOnce();
                c[me].WriteOnce(2 + phase);
                int version = p.ReadOnce();
                int value = version != 0 ? b.ReadOnce() : a.ReadOnce();
                Execution.Assert(value == 1, Alive);
                Execution.Reached("a reader held the old version", version == 0);
                Execution.Reached("a reader took the new version", version == 1);
                c[me].StoreRelease(0);
            };
        }

        threads[readers] = () =>
        {
            p.WriteOnce(1);
            for (int k = 0; k < readers; k++)
                c[k].AwaitNotEqual(3);
            gp.WriteOnce(1);
            for (int k = 0; k < readers; k++)
                c[k].AwaitNotEqual(2);
            a.WriteOnce(0);
        };
        Execution.Run(threads);
    }
}
