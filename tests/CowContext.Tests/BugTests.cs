using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scripts;
using RcuModel.Stabilisation;

namespace RcuModel.CowContexts.Tests;

/// <summary>What one thread alone finds out: a script after which a folio is not found, or a table not as it must be.</summary>
public sealed class BugTests
{
    // 48, 96 and then 64, which comes before the last of the two.
    private const string ThreeOffsets =
        "p0 mmap 16 4\np0 write 16 4\np0 mremap 16 4 64\np0 mmap 16 4\np0 write 16 4\np0 mremap 16 4 128\n"
        + "p0 mmap 16 4\np0 write 16 4\np0 mremap 16 4 256\np0 mmap 16 4\np0 write 16 4\np0 mremap 16 4 192";

    [Theory]
    [InlineData(CowBugs.SwapInToFaulting)]
    [InlineData(CowBugs.RemapsOutliveVmas)]
    [InlineData(CowBugs.MoveReplacesOffset)]
    [InlineData(CowBugs.MergeRecordsNothing)]
    [InlineData(CowBugs.StopsUnchecked)]
    public void Random_scripts_find_it(CowBugs bug)
    {
        var generator = new ScriptGenerator(new ScriptGeneratorOptions());
        for (ulong seed = 1; seed <= 300; seed++)
        {
            if (Fails(bug, generator.Generate(seed)))
                return;
        }

        Assert.Fail($"{bug} was not found");
    }

    [Theory]
    [InlineData(CowBugs.SwapInToFaulting, "p0 mmap 16 4\np0 write 16\np0 madvise 16 4 pageout\np0 fork p1\np1 read 16\np0 read 16")]
    [InlineData(CowBugs.RemapsOutliveVmas, "p0 mmap 16 4\np0 write 16\np0 mremap 16 4 64\np0 munmap 64 4")]
    [InlineData(CowBugs.MoveReplacesOffset, "p0 mmap 16 4\np0 write 16 4\np0 mremap 16 4 64\np0 mremap 64 2 128")]
    [InlineData(CowBugs.MergeRecordsNothing, "p0 mmap 16 4\np0 write 16 4\np0 mremap 16 2 64\np0 mremap 18 2 66")]
    [InlineData(CowBugs.StopsUnchecked, "p0 mmap 16 4\np0 write 16\np0 mremap 16 4 64")]
    [InlineData(CowBugs.ArraysInPlace | CowBugs.InsertLosesLast, ThreeOffsets)]
    public void A_short_script_finds_it(CowBugs bug, string lines)
    {
        MmScript script = ScriptParser.Parse(lines + "\ndump");
        Assert.True(Fails(bug, script));
        Assert.False(Fails(CowBugs.None, script));
    }

    [Fact]
    public void Arrays_that_change_in_place_are_right_as_long_as_nobody_walks()
    {
        Assert.False(Fails(CowBugs.ArraysInPlace, ScriptParser.Parse(ThreeOffsets + "\ndump")));
        var generator = new ScriptGenerator(new ScriptGeneratorOptions());
        for (ulong seed = 1; seed <= 100; seed++)
            Assert.False(Fails(CowBugs.ArraysInPlace, generator.Generate(seed)));
    }

    private static bool Fails(CowBugs bug, MmScript script)
    {
        try
        {
            // Left as it is, since what is broken may not come apart again.
            var machine = new ModelMachine(ModelDesign.Of(new CowContextMap(new RootLock(), bug)), KernelRules.V6_18);
            ScriptRunner.Run(script, new CheckedMachine(machine));
            return false;
        }
        catch (Exception failure) when (failure is InconsistentException or AssertionFailedException)
        {
            return true;
        }
    }
}
