using static RcuModel.Mm.Tests.Machine;

namespace RcuModel.Mm.Tests;

/// <summary>What becomes of pages, one operation after the other.</summary>
public sealed class PageTests : IDisposable
{
    private readonly Machine _machine = new();

    private MmStruct P0 => _machine.P0;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_load_of_nothing_finds_the_page_of_zeros_and_a_store_replaces_it()
    {
        Ok(P0.Map(0, 4));
        Has(P0, 1, 0);
        Assert.Same(_machine.System.ZeroFolio, FolioOf(P0, 1));
        Assert.Null(P0.Find(1)!.AnonVma.ReadOnce());
        Ok(P0.Write(1, 5));
        Has(P0, 1, 5);
        Assert.True(FolioOf(P0, 1).AnonExclusive.ReadOnce());
    }

    [Theory]
    [InlineData(VmFlags.None, Errno.EFAULT, Errno.EFAULT)]
    [InlineData(VmFlags.Read, Errno.None, Errno.EFAULT)]
    [InlineData(VmFlags.Write, Errno.None, Errno.None)]
    [InlineData(VmFlags.Exec, Errno.None, Errno.EFAULT)]
    public void What_a_mapping_forbids_is_a_fault_before_and_after_the_page_is_there(VmFlags flags, Errno read, Errno write)
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(0, 5));
        Ok(P0.Protect(0, 4, flags));
        for (long page = 0; page < 2; page++)
        {
            Assert.Equal(read, P0.Read(page, out _));
            Assert.Equal(write, P0.Write(page, 6));
        }

        Assert.Equal(Errno.EFAULT, P0.Read(5, out _));
        Assert.Equal(Errno.EFAULT, P0.Write(-1, 0));
        Assert.Equal(Errno.EFAULT, P0.Write(_machine.System.Config.Pages, 0));
    }

    [Fact]
    public void After_a_fork_who_writes_first_gets_a_copy_and_who_is_left_keeps_the_page()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(0, 5));
        Folio folio = FolioOf(P0, 0);
        MmStruct child = _machine.Fork(P0, "p1");
        _machine.Check();
        Assert.Equal(2, folio.MapCount.ReadOnce());
        Ok(child.Write(0, 6));
        Has(P0, 0, 5);
        Has(child, 0, 6);
        Ok(P0.Write(0, 7));
        Assert.Same(folio, FolioOf(P0, 0));
        Has(child, 0, 6);
    }

    [Fact]
    public void Advice_for_children_is_taken()
    {
        Ok(P0.Map(0, 2));
        Ok(P0.Map(4, 2));
        Ok(P0.Write(0, 5));
        Ok(P0.Write(4, 6));
        Ok(P0.Advise(0, 2, Advice.DontFork));
        Ok(P0.Advise(4, 2, Advice.WipeOnFork));
        MmStruct child = _machine.Fork(P0, "p1");
        Assert.Equal(Errno.EFAULT, child.Read(0, out _));
        Has(child, 4, 0);
        Has(P0, 4, 6);
    }

    [Fact]
    public void A_page_that_is_swapped_out_comes_back_once_for_each_who_shares_it()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(0, 5));
        Ok(P0.Advise(0, 4, Advice.PageOut));
        Assert.Equal(PteKind.Swap, P0.EntryOf(0)!.Kind);
        MmStruct child = _machine.Fork(P0, "p1");
        _machine.Check();
        Has(P0, 0, 5);
        _machine.Check();
        Assert.NotNull(FolioOf(P0, 0).Swap.ReadOnce());
        Ok(child.Write(0, 6));
        _machine.Check();
        Has(P0, 0, 5);
        Ok(P0.Write(0, 7));
        Has(child, 0, 6);
    }

    [Fact]
    public void What_was_advised_free_is_dropped_unless_it_is_written_again()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(0, 5));
        Ok(P0.Write(1, 6));
        Ok(P0.Advise(0, 4, Advice.Free));
        Ok(P0.Write(1, 7));
        Ok(P0.Advise(0, 4, Advice.PageOut));
        Assert.Null(P0.EntryOf(0));
        Has(P0, 0, 0);
        Has(P0, 1, 7);
    }

    [Fact]
    public void Reclaim_leaves_what_was_used_and_takes_what_was_not()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(0, 5));
        MmStruct child = _machine.Fork(P0, "p1");
        Assert.Equal(ReclaimOutcome.Referenced, _machine.System.Reclaim(P0.Isolate(0)!));
        _machine.Check();
        Assert.Equal(ReclaimOutcome.Freed, _machine.System.Reclaim(P0.Isolate(0)!));
        _machine.Check();
        Has(child, 0, 5);
        Has(P0, 0, 5);
    }

    [Fact]
    public void Migration_leaves_everything_as_it_was_but_the_folio()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(0, 5));
        Ok(P0.Write(1, 6));
        MmStruct child = _machine.Fork(P0, "p1");
        Ok(child.Write(1, 7));
        Folio shared = FolioOf(P0, 0);
        Folio own = FolioOf(child, 1);
        Assert.Equal(MigrateOutcome.Moved, _machine.System.Migrate(P0.Isolate(0)!));
        Assert.Equal(MigrateOutcome.Moved, _machine.System.Migrate(child.Isolate(1)!));
        _machine.Check();
        Assert.NotSame(shared, FolioOf(child, 0));
        Assert.Same(FolioOf(P0, 0), FolioOf(child, 0));
        Assert.NotSame(own, FolioOf(child, 1));
        Assert.True(child.EntryOf(1)!.IsWritable);
        Has(child, 0, 5);
        Has(child, 1, 7);
        Has(P0, 1, 6);
    }

    [Theory]
    [InlineData(0, 8, 16)]
    [InlineData(1, 6, 17)]
    [InlineData(1, 6, 18)]
    public void Pages_move_by_tables_or_one_by_one(long from, long pages, long to)
    {
        Ok(P0.Map(0, 8));
        for (long page = from; page < from + pages; page++)
            Ok(P0.Write(page, page + 100));
        MmStruct child = _machine.Fork(P0, "p1");
        Ok(P0.Remap(from, pages, pages, to));
        _machine.Check();
        for (long i = 0; i < pages; i++)
        {
            Has(P0, to + i, from + i + 100);
            Has(child, from + i, from + i + 100);
        }
    }

    [Fact]
    public void A_stack_is_shifted_with_what_is_in_it()
    {
        Ok(P0.Map(16, 6, VmFlags.Read | VmFlags.Write | VmFlags.TemporaryStack));
        for (long page = 16; page < 22; page++)
            Ok(P0.Write(page, page));
        Folio folio = P0.Isolate(17)!;
        Assert.Equal(MigrateOutcome.StillMapped, _machine.System.Migrate(folio));
        Ok(P0.ShiftStack(16, 3));
        _machine.Check();
        for (long page = 13; page < 19; page++)
            Has(P0, page, page + 3);
        Assert.Equal(Errno.EFAULT, P0.Read(19, out _));
        Assert.Equal(Errno.EFAULT, P0.ShiftStack(13, 1));
    }

    [Fact]
    public void A_table_is_retracted_where_nothing_of_a_file_is_and_nothing_was_written()
    {
        var file = new MappedFile(_machine.System, 8);
        Ok(P0.MapFile(0, 8, VmFlags.Read | VmFlags.Write, file, 0));
        Has(P0, 1, MappedFile.ContentOf(1));
        Assert.Equal(0, file.RetractTables(1));
        for (long page = 0; page < 4; page++)
            Ok(P0.Advise(page, 1, Advice.DontNeed));
        Assert.Equal(1, file.RetractTables(1));
        Assert.Null(P0.Tables[0].ReadOnce());
        Has(P0, 1, MappedFile.ContentOf(1));
        Ok(P0.Write(6, 5));
        Ok(P0.Advise(0, 8, Advice.DontNeed));
        Assert.Equal(0, file.RetractTables(1));
    }
}
