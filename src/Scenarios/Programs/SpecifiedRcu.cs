using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>
/// The program of <see cref="ToyRcu"/> with RCU as a specification: readers follow a pointer p to a, which is then taken
/// back, or to b. As many executions as with the grace period written out, and as few with store buffers as without.
/// </summary>
internal static class SpecifiedRcu
{
    private const string Alive = "a reader never finds what the updater has taken back";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Create(1, 3),
        Create(2, 9),
        Create(3, 27),
        Create(4, 81),
        new("specrcu-sleep", "selfcheck", "a reader of RCU as a specification sleeps for a lock", SleepInReader) { MustFail = true },
    ];

    private static Scenario Create(int readers, long executions) => new(
        $"specrcu({readers})", "counts", $"a grace period as a specification, with {readers} readers: 3^r", () => Run(readers))
    {
        Executions = executions,
        ExecutionsTso = executions,
        MustReach = ["a reader held the old version", "a reader took the new version"],
        Faults =
        [
            new("no grace period", OperationKind.RcuSynchronize, "rcu", FaultChange.Skip)
            {
                Explanation = "The updater does not wait for readers.",
            },
        ],
    };

    private static void SleepInReader()
    {
        var rcu = new SpecRcu("rcu");
        var rwsem = new SpecRwsem("rwsem");
        rcu.ReadLock();
        rwsem.DownRead();
        rwsem.UpRead();
        rcu.ReadUnlock();
    }

    private static void Run(int readers)
    {
        var rcu = new SpecRcu("rcu");
        var p = new Cell<int>(0, "p");
        var a = new Plain<int>(1, "a");
        var b = new Plain<int>(1, "b");
        var threads = new Action[readers + 1];
        for (int i = 0; i < readers; i++)
        {
            threads[i] = () =>
            {
                rcu.ReadLock();
                int version = p.ReadOnce();
                int value = version != 0 ? b.Read() : a.Read();
                Execution.Assert(value == 1, Alive);
                Execution.Reached("a reader held the old version", version == 0);
                Execution.Reached("a reader took the new version", version == 1);
                rcu.ReadUnlock();
            };
        }

        threads[readers] = () =>
        {
            p.WriteOnce(1);
            rcu.Synchronize();
            a.Write(0);
        };
        Execution.Run(threads);
    }
}
