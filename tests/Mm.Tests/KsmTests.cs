using static RcuModel.Mm.Tests.Machine;

namespace RcuModel.Mm.Tests;

/// <summary>Equal pages that are shared, one operation after the other.</summary>
public sealed class KsmTests : IDisposable
{
    private readonly Machine _machine = new(new MmConfig { EntriesPerTable = 4, TablesPerMm = 8, SharesEqualPages = true });

    public KsmTests()
    {
        Ok(P0.Map(0, 8));
        Ok(P0.Advise(0, 8, Advice.Mergeable));
    }

    private MmStruct P0 => _machine.P0;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Equal_pages_are_one_after_two_rounds_and_two_again_when_one_is_written()
    {
        Write(P0, (0, 5), (1, 5), (2, 6));
        Rounds(1);
        Assert.NotSame(FolioOf(P0, 0), FolioOf(P0, 1));
        Rounds(1);
        Folio shared = FolioOf(P0, 0);
        Assert.Same(shared, FolioOf(P0, 1));
        Assert.NotSame(shared, FolioOf(P0, 2));
        Assert.Equal(1, shared.Index.ReadOnce());
        Assert.IsType<KsmNode>(shared.Mapping.ReadOnce());
        Ok(P0.Write(1, 7));
        Has(P0, 0, 5);
        Has(P0, 1, 7);
        Ok(P0.Write(0, 8));
        Assert.True(shared.IsFreed);
    }

    [Fact]
    public void A_page_that_becomes_equal_to_a_shared_one_is_merged_when_it_stays_so()
    {
        Write(P0, (0, 5), (1, 5), (2, 6));
        Rounds(2);
        Ok(P0.Write(2, 5));
        Rounds(1);
        Assert.Equal(1, FolioOf(P0, 2).MapCount.ReadOnce());
        Rounds(1);
        Assert.Equal(3, FolioOf(P0, 2).MapCount.ReadOnce());
    }

    [Fact]
    public void What_nobody_is_known_to_map_is_shared_no_further()
    {
        Ok(P0.Advise(0, 8, Advice.Unmergeable));
        Write(P0, (0, 5), (1, 5));
        MmStruct child = _machine.Fork(P0, "p1");
        Ok(child.Advise(0, 8, Advice.Mergeable));
        Rounds(2);
        Assert.Same(FolioOf(child, 0), FolioOf(child, 1));
        Folio shared = FolioOf(child, 0);

        // Both places in the child, the only ones that were found, have a page of their own again. The parent keeps the shared one.
        Write(child, (0, 7), (1, 7), (2, 5));
        Rounds(3);
        Assert.False(shared.IsFreed);
        Assert.Equal(1, FolioOf(child, 2).MapCount.ReadOnce());
        Assert.Equal(2, FolioOf(child, 0).MapCount.ReadOnce());
    }

    [Fact]
    public void Strangers_and_children_share_and_advice_ends_it()
    {
        Write(P0, (0, 5), (1, 5));
        MmStruct child = _machine.Fork(P0, "p1");
        Rounds(4);
        Assert.Equal(4, FolioOf(child, 1).MapCount.ReadOnce());
        _machine.Check();
        MmStruct grandchild = _machine.Fork(child, "p2");
        Assert.Equal(6, FolioOf(grandchild, 0).MapCount.ReadOnce());
        _machine.Check();
        Ok(grandchild.Advise(0, 8, Advice.Unmergeable));
        Assert.True(FolioOf(grandchild, 0).AnonExclusive.ReadOnce());
        Assert.Equal(4, FolioOf(child, 1).MapCount.ReadOnce());
        Rounds(1);
        Assert.Equal(4, FolioOf(child, 1).MapCount.ReadOnce());
        _machine.Exit(P0);
        _machine.Check();
        Rounds(1);
        Assert.Equal(2, FolioOf(child, 1).MapCount.ReadOnce());
        _machine.Check();
    }

    [Fact]
    public void What_moves_is_shared_no_longer_until_the_next_rounds()
    {
        Write(P0, (0, 5), (1, 5));
        Rounds(2);
        Ok(P0.Remap(1, 1, 1, 12));
        Assert.NotSame(FolioOf(P0, 0), FolioOf(P0, 12));
        Has(P0, 12, 5);
        Rounds(2);
        Assert.Same(FolioOf(P0, 0), FolioOf(P0, 12));
    }

    [Fact]
    public void A_shared_page_is_swapped_out_for_all_and_strangers_get_it_back_apart()
    {
        MmStruct child = _machine.Fork(P0, "p1");
        Write(P0, (0, 5));
        Write(child, (3, 5));
        Rounds(2);
        Assert.Same(FolioOf(P0, 0), FolioOf(child, 3));
        Assert.Equal(ReclaimOutcome.Freed, _machine.System.Reclaim(P0.Isolate(0)!, ignoreReferences: true));
        Assert.Equal(PteKind.Swap, child.EntryOf(3)!.Kind);
        Has(P0, 0, 5);
        Has(child, 3, 5);
        _machine.Check();
        Assert.NotSame(FolioOf(P0, 0), FolioOf(child, 3));
    }

    [Fact]
    public void A_shared_page_is_migrated_for_all()
    {
        Write(P0, (0, 5), (1, 5));
        Rounds(2);
        MmStruct child = _machine.Fork(P0, "p1");
        Folio folio = FolioOf(P0, 0);
        Assert.Equal(MigrateOutcome.Moved, _machine.System.Migrate(P0.Isolate(0)!));
        Assert.True(folio.IsFreed);
        Assert.Equal(4, FolioOf(child, 1).MapCount.ReadOnce());
        Write(P0, (2, 5));
        Rounds(2);
        Assert.Equal(5, FolioOf(P0, 2).MapCount.ReadOnce());
    }

    private void Rounds(int count)
    {
        for (int i = 0; i < count; i++)
            _machine.System.Ksm!.Scan();
        _machine.Check();
    }

    private static void Write(MmStruct mm, params (long Page, long Value)[] pages)
    {
        foreach ((long page, long value) in pages)
            Ok(mm.Write(page, value));
    }
}
