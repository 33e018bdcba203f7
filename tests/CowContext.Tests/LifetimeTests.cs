using RcuModel.Mm;

namespace RcuModel.CowContexts.Tests;

/// <summary>How long a context lives, and who is found below it.</summary>
public sealed class LifetimeTests
{
    [Fact]
    public void A_context_lives_as_long_as_its_mm_a_child_or_a_folio_holds_it()
    {
        using TestMachine machine = new TestMachine().Run("p0 mmap 16 4\np0 write 16 2\np0 fork p1\np1 fork p2");
        CowContext first = machine.Context("p0"), second = machine.Context("p1");

        // Its mm, two folios and a child.
        Assert.Equal(4, first.References);
        machine.Run("p0 exit\np1 exit");
        Assert.Null(first.Mm);
        Assert.Equal((3, 1), (first.References, second.References));
        machine.Check();
        machine.Run("p2 write 16 2");
        Assert.Equal((1, 1), (first.References, second.References));
        Assert.Equal(3, machine.Context("p2").References);
    }

    [Fact]
    public void A_cascade_ends_at_the_first_that_somebody_else_holds()
    {
        using TestMachine machine = new TestMachine().Run("p0 mmap 16 4\np0 fork p1\np1 fork p2\np1 exit");
        CowContext first = machine.Context("p0");
        Assert.Equal(1, first.CountChildren());
        machine.Run("p2 exit");
        Assert.Equal((0, 1), (first.CountChildren(), first.References));
    }

    [Fact]
    public void A_shared_page_that_comes_back_from_swap_is_the_first_ancestors()
    {
        using TestMachine machine = new TestMachine().Run(
            "p0 mmap 16 4\np0 write 16\np0 fork p1\np0 madvise 16 4 pageout\np1 munmap 17 3\np0 fork p2\np2 read 16\np0 read 16\np1 read 16");
        machine.Check();
    }

    [Fact]
    public void A_stack_that_exec_moves_is_found_where_it_is()
    {
        using TestMachine machine = new TestMachine().Run("p0 mmap 32 4\np0 write 32 4");
        Vma vma = machine["p0"].Lookup(32)!;
        vma.Flags.WriteOnce(vma.Flags.ReadOnce() | VmFlags.TemporaryStack);
        Assert.Equal(Errno.None, machine["p0"].ShiftStack(32, 2));
        Assert.Equal("32-35 -2", machine.Remaps("p0"));
        machine.Check();
    }

    [Fact]
    public void A_migrated_folio_holds_the_context_in_the_place_of_the_other()
    {
        using TestMachine machine = new TestMachine().Run("p0 mmap 32 4\np0 write 32\np0 mremap 32 4 64\np0 fork p1");
        Folio folio = machine.Folio("p0", 64);
        Assert.True(folio.Isolate());
        Assert.Equal(MigrateOutcome.Moved, machine.Machine.System.Migrate(folio));
        Assert.NotEqual(folio, machine.Folio("p1", 64));
        Assert.Equal(3, machine.Context("p0").References);
        machine.Check();
    }
}
