using static RcuModel.Mm.Tests.Machine;

namespace RcuModel.Mm.Tests;

/// <summary>What becomes of folios of several pages, one operation after the other. A page table has four entries here.</summary>
public sealed class LargeFolioTests : IDisposable
{
    private readonly Machine _machine = new(new MmConfig { EntriesPerTable = 4, TablesPerMm = 8, LargeFolios = true, FaultSizes = 4 | 2 });

    private MmStruct P0 => _machine.P0;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_store_where_huge_pages_are_wanted_maps_as_many_pages_as_a_table_has()
    {
        MapAdvised(0, 8);
        Ok(P0.Write(1, 5));
        HugePmd huge = HugeAt(0);
        Assert.Equal(4, huge.Folio.Pages);
        Assert.Equal(1, huge.Folio.MapCount.ReadOnce());
        Has(P0, 1, 5);
        Has(P0, 2, 0);
        Assert.Null(P0.EntryOf(4));
        Assert.Same(huge.Folio, FolioOf(P0, 3));
    }

    [Fact]
    public void Where_the_range_is_not_the_VMAs_alone_fewer_pages_are_mapped()
    {
        MapAdvised(1, 5);
        Ok(P0.Write(3, 5));
        Assert.Equal(2, FolioOf(P0, 3).Pages);
        Assert.Same(FolioOf(P0, 2), FolioOf(P0, 3));
        Ok(P0.Write(1, 6));
        Assert.Equal(1, FolioOf(P0, 1).Pages);
    }

    [Fact]
    public void A_load_maps_zeros_that_all_share_and_a_store_replaces_them()
    {
        MapAdvised(0, 4);
        Has(P0, 2, 0);
        Assert.Same(_machine.System.HugeZeroFolio, HugeAt(0).Folio);
        Ok(P0.Write(2, 5));
        Assert.NotSame(_machine.System.HugeZeroFolio, HugeAt(0).Folio);
        Has(P0, 2, 5);
    }

    [Fact]
    public void A_child_shares_it_as_a_whole_and_who_writes_gets_a_copy_of_one_page()
    {
        MapAdvised(0, 4);
        Ok(P0.Write(1, 5));
        MmStruct child = _machine.Fork(P0, "p1");
        Folio folio = HugeAt(0).Folio;
        Assert.Equal(2, folio.MapCount.ReadOnce());
        Assert.True(folio.IsMaybeShared);
        Ok(child.Write(1, 6));
        _machine.Check();
        Has(P0, 1, 5);
        Has(child, 1, 6);
        Assert.Equal(1, FolioOf(child, 1).Pages);
        Assert.Same(folio, FolioOf(child, 0));
        Assert.Equal(4, folio.MapCount.ReadOnce());
        _machine.Exit(child);
        Assert.False(folio.IsMaybeShared);
        Ok(P0.Write(2, 7));
        Assert.Same(folio, HugeAt(0).Folio);
    }

    [Fact]
    public void A_part_that_is_unmapped_leaves_the_rest_of_the_folio()
    {
        MapAdvised(0, 8);
        Ok(P0.Write(1, 5));
        Folio folio = HugeAt(0).Folio;
        Ok(P0.Unmap(2, 1));
        _machine.Check();
        Assert.Equal(3, folio.MapCount.ReadOnce());
        Assert.True(folio.IsLarge);
        Has(P0, 1, 5);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 2)]
    public void Protection_splits_only_what_it_has_a_part_of(long start, long pages)
    {
        MapAdvised(0, 8);
        Ok(P0.Write(1, 5));
        Ok(P0.Protect(start, pages, VmFlags.Read));
        _machine.Check();
        Assert.Equal(pages == 4, P0.Tables[0].ReadOnce() is HugePmd);
        Assert.Equal(Errno.EFAULT, P0.Write(1, 6));
        Ok(P0.Protect(start, pages, VmFlags.Read | VmFlags.Write));
        Ok(P0.Write(1, 6));
        Has(P0, 1, 6);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void It_moves_as_a_whole_where_it_can(long to, bool whole)
    {
        MapAdvised(0, 4);
        Ok(P0.Write(1, 5));
        Folio folio = HugeAt(0).Folio;
        Ok(P0.Remap(0, 4, 4, to));
        _machine.Check();
        Has(P0, to + 1, 5);
        Assert.Same(folio, FolioOf(P0, to));
        Assert.Equal(whole, P0.Tables[4].ReadOnce() is HugePmd);
    }

    [Fact]
    public void Reclaim_swaps_all_of_it_out()
    {
        MapAdvised(0, 4);
        for (long page = 0; page < 4; page++)
            Ok(P0.Write(page, page + 5));
        Assert.Equal(ReclaimOutcome.Freed, _machine.System.Reclaim(P0.Isolate(1)!, ignoreReferences: true));
        for (long page = 0; page < 4; page++)
        {
            Assert.Equal(PteKind.Swap, P0.EntryOf(page)!.Kind);
            Has(P0, page, page + 5);
            Assert.Equal(1, FolioOf(P0, page).Pages);
        }
    }

    [Fact]
    public void Migration_keeps_it_whole()
    {
        MapAdvised(0, 4);
        Ok(P0.Write(1, 5));
        MmStruct child = _machine.Fork(P0, "p1");
        Ok(P0.Write(2, 6));
        Folio folio = FolioOf(child, 1);
        Assert.Equal(MigrateOutcome.Moved, _machine.System.Migrate(child.Isolate(1)!));
        _machine.Check();
        Assert.NotSame(folio, FolioOf(child, 1));
        Assert.Same(FolioOf(P0, 1), FolioOf(child, 1));
        Assert.True(FolioOf(child, 1).IsLarge);
        Has(P0, 1, 5);
        Has(P0, 2, 6);
        Has(child, 2, 0);
    }

    [Fact]
    public void Splitting_makes_a_folio_of_each_page_and_forgets_zeros()
    {
        MapAdvised(0, 4);
        Ok(P0.Write(0, 4));
        Ok(P0.Write(3, 5));
        MmStruct child = _machine.Fork(P0, "p1");
        Folio folio = P0.Isolate(0)!;
        folio.Lock.Lock();
        Assert.Equal(SplitOutcome.Split, _machine.System.Split(folio));
        folio.Lock.Unlock();
        _machine.System.PutBack(folio);
        _machine.Check();
        Assert.Same(folio, FolioOf(P0, 0));
        Assert.Same(FolioOf(P0, 3), FolioOf(child, 3));
        Assert.NotSame(folio, FolioOf(P0, 3));
        Assert.Same(_machine.System.ZeroFolio, FolioOf(child, 1));
        Has(child, 3, 5);
    }

    [Fact]
    public void Who_holds_it_keeps_it_from_being_split()
    {
        MapAdvised(0, 4);
        Ok(P0.Write(0, 4));
        Folio folio = P0.Isolate(0)!;
        folio.Lock.Lock();
        folio.References.FetchAdd(1);
        Assert.Equal(SplitOutcome.Busy, _machine.System.Split(folio));
        folio.References.FetchAdd(-1);
        folio.Lock.Unlock();
        _machine.System.PutBack(folio);
        _machine.Check();
        Has(P0, 0, 4);
    }

    [Fact]
    public void Collapse_copies_what_is_there_reads_what_is_swapped_and_fills_up_with_zeros()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(0, 4));
        Ok(P0.Write(1, 5));
        Has(P0, 3, 0);
        MmStruct child = _machine.Fork(P0, "p1");
        Ok(child.Write(1, 6));
        Assert.Equal(ReclaimOutcome.Freed, _machine.System.Reclaim(P0.Isolate(1)!, ignoreReferences: true));
        Assert.Equal(CollapseOutcome.Collapsed, P0.Collapse(2));
        _machine.Check();
        Assert.True(HugeAt(0).IsWritable);
        Has(P0, 0, 4);
        Has(P0, 1, 5);
        Has(P0, 2, 0);
        Has(child, 0, 4);
        Has(child, 1, 6);
        Assert.Equal(CollapseOutcome.IsHuge, P0.Collapse(0));
    }

    [Fact]
    public void A_collapse_that_cannot_be_leaves_all_as_it_was()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(0, 4));
        Ok(P0.Write(1, 5));
        Folio folio = P0.Isolate(1)!;
        Assert.Equal(CollapseOutcome.Held, P0.Collapse(0));
        folio.Lock.Lock();
        Assert.Equal(CollapseOutcome.Locked, P0.Collapse(0));
        folio.Lock.Unlock();
        Assert.Equal(CollapseOutcome.TooMany, CollapseAdvised(new CollapseLimits(Missing: 1, Swapped: 4, Shared: 4)));
        _machine.System.PutBack(folio);
        Has(P0, 0, 4);
        Has(P0, 1, 5);
        Ok(P0.Map(8, 8));
        Assert.Equal(CollapseOutcome.NoVma, P0.Collapse(9));
        Ok(P0.Write(14, 1));
        Assert.Equal(CollapseOutcome.NoTable, P0.Collapse(9));
    }

    [Theory]
    [InlineData(Advice.Free)]
    [InlineData(Advice.PageOut)]
    public void Advice_on_a_part_splits_it_and_on_all_does_not(Advice advice)
    {
        MapAdvised(0, 8);
        for (long page = 0; page < 8; page++)
            Ok(P0.Write(page, page + 5));
        Ok(P0.Advise(1, 2, advice));
        _machine.Check();
        Assert.Equal(1, FolioOf(P0, 0).Pages);
        Has(P0, 0, 5);
        Has(P0, 3, 8);
        Folio folio = FolioOf(P0, 4);
        Ok(P0.Advise(4, 4, advice));
        Assert.Equal(advice == Advice.Free, folio.IsLarge);
        Has(P0, 7, 12);
    }

    /// <summary>Nothing that anybody wrote is lost, whatever is done in whatever order; everything is compared with everything after each step.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_operations_agree_with_a_list_of_what_was_written(int seed)
    {
        for (int round = 0; round < 60; round++)
            new RandomLargeRun(new Random(seed * 1000 + round)).Run(60);
    }

    private CollapseOutcome CollapseAdvised(CollapseLimits limits)
    {
        Ok(P0.Advise(0, 4, Advice.HugePage));
        return P0.Collapse(0, limits);
    }

    private void MapAdvised(long start, long pages)
    {
        Ok(P0.Map(start, pages));
        Ok(P0.Advise(start, pages, Advice.HugePage));
    }

    private HugePmd HugeAt(int table) => Assert.IsType<HugePmd>(P0.Tables[table].ReadOnce());
}
