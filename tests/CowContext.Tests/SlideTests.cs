namespace RcuModel.CowContexts.Tests;

/// <summary>The examples of the slides and of the mail.</summary>
public sealed class SlideTests
{
    [Fact]
    public void An_index_is_duplicated_when_memory_is_mapped_where_other_memory_was_moved_away()
    {
        using TestMachine machine = new TestMachine().Run(
            """
            p0 mmap 16 8
            p0 write 16 8
            p0 mremap 16 8 272
            p0 mmap 16 8
            p0 write 16 8
            """);
        Assert.Equal("16-23 256", machine.Remaps("p0"));
        Assert.Equal(machine.Folio("p0", 17).Index.ReadOnce(), machine.Folio("p0", 273).Index.ReadOnce());
        machine.Check();
        machine.Run("p0 mremap 16 8 528\np0 mmap 16 8\np0 write 16 8");
        Assert.Equal("16-23 256 512", machine.Remaps("p0"));
        machine.Check();
        machine.Run("p0 munmap 272 8");
        Assert.Equal("16-23 512", machine.Remaps("p0"));
        machine.Run("p0 munmap 528 8");
        Assert.Equal("", machine.Remaps("p0"));
    }

    [Fact]
    public void Indices_overlap_by_half_when_memory_was_moved_by_half_of_its_size()
    {
        // By half a mapping in two steps, since mremap refuses ranges that overlap.
        using TestMachine machine = new TestMachine().Run(
            """
            p0 mmap 16 8
            p0 write 16 8
            p0 mremap 16 8 64
            p0 mremap 64 8 20
            p0 mremap 20 8 272
            p0 mmap 20 8
            p0 write 20 8
            p0 mremap 20 8 528
            p0 mmap 16 8
            p0 write 16 8
            """);
        Assert.Equal("16-19 256; 20-23 256 508; 24-27 508", machine.Remaps("p0"));
        machine.Check();
        machine.Run("p0 munmap 272 8");
        Assert.Equal("20-23 508; 24-27 508", machine.Remaps("p0"));
        machine.Check();
    }

    [Fact]
    public void A_folio_that_only_the_parent_maps_is_found_there_at_once()
    {
        // A maps X, forks B; B unmaps X and maps it anew.
        using TestMachine machine = new TestMachine().Run("p0 mmap 16 4\np0 write 16\np0 fork p1\np1 munmap 16 4\np1 mmap 16 4\np1 write 16");
        var walk = machine.Walk(machine.Folio("p0", 16));
        Assert.Equal((1, 0), (walk.Costs.Contexts, walk.Costs.UselessContexts));
        machine.Check();
    }

    [Fact]
    public void A_folio_that_only_the_child_maps_is_moved_to_it_by_its_next_write()
    {
        using TestMachine machine = new TestMachine().Run("p0 mmap 16 4\np0 write 16\np0 fork p1\np0 munmap 16 4");
        Assert.Equal(machine.Context("p0"), CowContextMap.Of(machine.Folio("p1", 16)));
        var walk = machine.Walk(machine.Folio("p1", 16));
        Assert.Equal((2, 1), (walk.Costs.Contexts, walk.Costs.UselessContexts));
        machine.Run("p1 write 16");
        Assert.Equal(machine.Context("p1"), CowContextMap.Of(machine.Folio("p1", 16)));
        walk = machine.Walk(machine.Folio("p1", 16));
        Assert.Equal((1, 0), (walk.Costs.Contexts, walk.Costs.UselessContexts));
        machine.Check();
    }

    [Fact]
    public void With_a_third_process_the_walk_visits_the_second_in_vain()
    {
        using TestMachine machine = new TestMachine().Run(
            "p0 mmap 16 4\np0 write 16\np0 fork p1\np0 fork p2\np1 munmap 16 4\np1 mmap 16 4\np1 write 16");
        var walk = machine.Walk(machine.Folio("p0", 16));
        Assert.Equal((3, 1), (walk.Costs.Contexts, walk.Costs.UselessContexts));
        Assert.Equal(["p0:16", "p2:16"], walk.Places.Select(static place => $"{place.Mm.Name}:{place.Page}").Order());
        machine.Check();
    }
}
