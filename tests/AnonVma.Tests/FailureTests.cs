using RcuModel.Exploration;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas.Tests;

/// <summary>Where there is no memory nothing changes, and nothing is left behind.</summary>
public sealed class FailureTests
{
    public static TheoryData<string, int> Cases => new() { { "6.18", 1 }, { "6.18", 2 }, { "7.0", 1 }, { "7.0", 2 } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Whatever_allocation_fails_all_is_given_back(string rules, int failures)
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                Family family = Failing(rules, failures);
                if (!family.Mms.Any() || family.TryAdd("p0", 16, 4) is not { } vma || !family.Fault("p0", 16))
                    return;
                AnonVma root = AnonVmaMap.Of(vma)!;
                string before = family.Dump();
                bool first = family.Fork("p0", "p1");
                if (!first)
                    Execution.Assert(family.Dump() == before, "a fork that failed has changed nothing");
                bool second = first && family.Fork("p1", "p2");
                if (first)
                    family.Exit("p1");
                bool third = second && family.Fork("p2", "p3");
                AnonVmaInvariants.Check(family.Mms.SelectMany(static mm => mm.AllVmas));
                Execution.Reached("all succeeded", third);
                Execution.Reached("the third failed", second && !third);
                Execution.Reached("the second failed", first && !second);
                Execution.Reached("the first failed", !first);
                if (third)
                    family.Exit("p3");
                if (second)
                    family.Exit("p2");
                Execution.Assert(family.Dump() == before, "when the children are gone all is as before");
                family.Exit("p0");
                Execution.Assert(root.References == 0, "nobody holds the root of a family that is gone");
            },
            new ExplorationOptions { MustReach = ["all succeeded", "the first failed", "the second failed", "the third failed"] });
        Assert.True(result.Verdict == Verdict.Verified, result.ToString());
    }

    private static Family Failing(string rules, int failures) => new(new MmConfig
    {
        EntriesPerTable = 8,
        TablesPerMm = 8,
        Rules = KernelRules.All.Single(r => r.Name == rules),
        AllocationFailures = failures,
    });
}
