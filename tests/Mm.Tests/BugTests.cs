using RcuModel.Exploration;
using RcuModel.Primitives;
using static RcuModel.Mm.Tests.Machine;

namespace RcuModel.Mm.Tests;

/// <summary>What Linux got wrong about stacks is found, and the model as it should be holds.</summary>
public sealed class BugTests
{
    private static readonly MmConfig s_small = new() { EntriesPerTable = 2, TablesPerMm = 4, MapleCapacity = MapleTree.CapacityMin };

    [Fact]
    public void A_stack_that_exec_shifts_is_not_migrated()
    {
        Holds(Bugs.None, Shift);
        Fails(Bugs.MigratesTemporaryStacks, Shift);
    }

    private static void Shift(Machine machine)
    {
        MmStruct mm = machine.P0;
        Ok(mm.Map(4, 2, VmFlags.Read | VmFlags.Write | VmFlags.TemporaryStack));
        Ok(mm.Write(5, 7));
        Folio folio = mm.Isolate(5)!;
        Execution.Run(
            ("exec", () => Ok(mm.ShiftStack(4, 1))),
            ("migrate", () => machine.System.Migrate(folio)));
        machine.Check();
        Has(mm, 4, 7);
    }

    private static ExplorationResult Explore(Bugs bugs, Action<Machine> body) => Explorer.Explore(
        () =>
        {
            using var machine = new Machine(s_small with { Bugs = bugs, Grain = Grain.Locks });
            body(machine);
        },
        new ExplorationOptions());

    private static void Holds(Bugs bugs, Action<Machine> body)
    {
        ExplorationResult result = Explore(bugs, body);
        Assert.True(result.Verdict == Verdict.Verified, result.ToString());
    }

    private static void Fails(Bugs bugs, Action<Machine> body)
    {
        ExplorationResult result = Explore(bugs, body);
        Assert.True(result.Verdict == Verdict.Violated, result.ToString());
    }
}
