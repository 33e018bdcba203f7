using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scripts;
using RcuModel.Stabilisation;

namespace RcuModel.CowContexts.Tests;

/// <summary>Private mappings of files, with the index of copies that they have today and with one of their own.</summary>
public sealed class FileTests
{
    // Three mappings of the same pages of the file.
    private const string Overlapping =
        "p0 mmap 16 4 rw file 0\np0 write 16 4\np0 mmap 32 4 rw file 0\np0 write 32\np0 mmap 48 4 rw file 2\np0 write 48 4";

    [Fact]
    public void Each_mapping_of_a_file_is_in_the_table_from_its_first_fault_on()
    {
        using TestMachine machine = new TestMachine().Run(
            "p0 mmap 16 4 rw file 0\np0 read 16 4\np0 mmap 32 4 rw file 0\np0 read 32 4");
        Assert.Equal("", machine.Remaps("p0"));
        machine.Run("p0 write 16");
        Assert.Equal("0-3 16", machine.Remaps("p0"));
        machine.Run("p0 write 33\np0 fork p1");
        Assert.Equal("0-3 16 32", machine.Remaps("p0"));
        Assert.Equal("0-3 16 32", machine.Remaps("p1"));
        machine.Check();
        machine.Run("p1 munmap 16 4");
        Assert.Equal("0-3 32", machine.Remaps("p1"));
        machine.Check();
    }

    [Fact]
    public void A_walk_to_a_copy_looks_at_each_overlapping_mapping()
    {
        using TestMachine machine = new TestMachine().Run(Overlapping);
        Assert.Equal("0-1 16 32; 2-3 16 32 46; 4-5 46", machine.Remaps("p0"));
        EntryWalk walk = machine.Walk(machine.Folio("p0", 48));
        Assert.Equal((1, 3, 3), (walk.Costs.RemapLookups, walk.Costs.Offsets, walk.Costs.OffsetsMax));
        machine.Check();
    }

    [Fact]
    public void With_an_index_of_their_own_copies_need_no_table_until_they_move()
    {
        using TestMachine machine = new TestMachine(KernelRules.MmUnstable).Run(Overlapping);
        Assert.Equal("", machine.Remaps("p0"));
        EntryWalk walk = machine.Walk(machine.Folio("p0", 48));
        Assert.Equal((0, 0, 1), (walk.Costs.RemapLookups, walk.Costs.Offsets, walk.Found));
        machine.Check();
        machine.Run("p0 mremap 16 4 80\np0 fork p1");
        Assert.Equal("16-19 64", machine.Remaps("p0"));
        Assert.Equal("16-19 64", machine.Remaps("p1"));
        machine.Check();
        machine.Run("p0 mremap 80 4 16");
        Assert.Equal("", machine.Remaps("p0"));
        machine.Check();
    }

    // Two written ranges that go on in the file and not in the index come to lie beside each other.
    [Theory]
    [InlineData(Bugs.None)]
    [InlineData(Bugs.MergeIgnoresAnonOffset)]
    public void What_does_not_go_on_in_the_index_must_not_merge(Bugs bugs)
    {
        MmScript script = ScriptParser.Parse(
            "p0 mmap 16 2 rw file 0\np0 write 16 2\np0 mremap 16 2 64\np0 mmap 32 2 rw file 2\np0 write 32 2\np0 mremap 32 2 66\ndump");

        // Left as it is, since what is broken may not come apart again.
        var machine = new ModelMachine(ModelDesign.Of(new CowContextMap(new RootLock())), KernelRules.MmUnstable, bugs);
        Exception? failure = Record.Exception(() => ScriptRunner.Run(script, new CheckedMachine(machine)));
        if (bugs == Bugs.None)
            Assert.Null(failure);
        else
            Assert.IsType<AssertionFailedException>(failure);
    }
}
