using static RcuModel.Mm.Tests.Machine;

namespace RcuModel.Mm.Tests;

/// <summary>Private mappings of a file, one operation after the other.</summary>
public sealed class FileTests : IDisposable
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    private readonly Machine _machine;
    private readonly MappedFile _file;

    public FileTests()
    {
        _machine = new Machine(new MmConfig { EntriesPerTable = 4, TablesPerMm = 8, FaultAroundPages = 4 });
        _file = new MappedFile(_machine.System, 6);
    }

    private MmStruct P0 => _machine.P0;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_load_finds_the_files_page_and_a_store_a_copy_at_the_same_index()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 1));
        Has(P0, 9, MappedFile.ContentOf(2));
        Assert.Same(_file.FolioOf(2), FolioOf(P0, 9));
        Assert.Null(P0.Find(8)!.AnonVma.ReadOnce());
        Ok(P0.Write(9, 5));
        Has(P0, 9, 5);
        Folio copy = FolioOf(P0, 9);
        Assert.NotSame(_file.FolioOf(2), copy);
        Assert.Equal(2, copy.Index.ReadOnce());
        Assert.True(copy.AnonExclusive.ReadOnce());
        Assert.Equal(0, _file.FolioOf(2)!.MapCount.ReadOnce());
    }

    [Fact]
    public void A_first_store_copies_without_mapping_the_files_page()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 1));
        Ok(P0.Write(8, 5));
        Assert.Equal(0, _file.FolioOf(1)!.MapCount.ReadOnce());
        Has(P0, 8, 5);
    }

    [Fact]
    public void A_load_maps_what_is_in_memory_around_it_within_its_table_and_mapping()
    {
        Assert.True(_file.ReadAll(_machine.System));
        Ok(P0.MapFile(6, 6, ReadWrite, _file, 0));
        Has(P0, 8, MappedFile.ContentOf(2));
        Assert.Null(P0.EntryOf(7));
        Assert.Equal([2L, 3L, 4L, 5L], Enumerable.Range(8, 4).Select(page => FolioOf(P0, page).Index.ReadOnce()));
    }

    [Fact]
    public void Behind_the_end_of_the_file_is_nothing()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 4));
        Has(P0, 9, MappedFile.ContentOf(5));
        Assert.Equal(Errno.EFAULT, P0.Read(10, out _));
        Assert.Equal(Errno.EFAULT, P0.Write(10, 1));
    }

    [Fact]
    public void What_is_not_needed_is_the_files_again()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 0));
        Ok(P0.Write(8, 5));
        Ok(P0.Advise(8, 4, Advice.DontNeed));
        Has(P0, 8, MappedFile.ContentOf(0));
        Assert.Equal(Errno.EINVAL, P0.Advise(8, 4, Advice.Free));
        Assert.Equal(Errno.EINVAL, P0.Advise(8, 4, Advice.WipeOnFork));
    }

    [Fact]
    public void Mappings_merge_if_they_go_on_in_the_same_file()
    {
        var other = new MappedFile(_machine.System, 6, "other");
        Ok(P0.MapFile(8, 2, ReadWrite, _file, 0));
        Ok(P0.MapFile(10, 2, ReadWrite, _file, 2));
        Assert.Equal(4, P0.Find(8)!.Pages);
        Ok(P0.MapFile(12, 2, ReadWrite, other, 4));
        Ok(P0.MapFile(14, 2, ReadWrite, other, 5));
        Ok(P0.Map(4, 4));
        Assert.Equal([4L, 8L, 12L, 14L], P0.AllVmas.Select(static vma => vma.Start.ReadOnce()));
        Ok(P0.Unmap(9, 2));
        _machine.Check();
        Assert.Equal(3, P0.Find(11)!.PageOffset.ReadOnce());
        Ok(P0.MapFile(9, 2, ReadWrite, _file, 1));
        Assert.Equal(4, P0.Find(8)!.Pages);
    }

    [Fact]
    public void A_child_shares_what_its_parent_copied_and_has_the_files_pages_mapped_too()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 0));
        Has(P0, 9, MappedFile.ContentOf(1));
        Ok(P0.Write(8, 5));
        MmStruct child = _machine.Fork(P0, "p1");
        _machine.Check();
        Assert.Equal(2, _file.FolioOf(1)!.MapCount.ReadOnce());
        Ok(child.Write(8, 6));
        Ok(child.Write(9, 7));
        Has(P0, 8, 5);
        Has(P0, 9, MappedFile.ContentOf(1));
        _machine.Check();
    }

    [Fact]
    public void What_moves_keeps_its_place_in_the_file_faulted_or_not()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 1));
        Ok(P0.Remap(8, 4, 4, 16));
        Assert.Equal(1, P0.Find(16)!.PageOffset.ReadOnce());
        Has(P0, 16, MappedFile.ContentOf(1));
        Ok(P0.Write(17, 5));
        Ok(P0.Remap(16, 2, 2, 24));
        _machine.Check();
        Has(P0, 24, MappedFile.ContentOf(1));
        Has(P0, 25, 5);
        Has(P0, 18, MappedFile.ContentOf(3));
        Ok(P0.Remap(24, 2, 2, 8, dontUnmap: true));
        Has(P0, 25, MappedFile.ContentOf(2));
        Has(P0, 9, 5);
    }

    [Fact]
    public void A_files_page_is_reclaimed_from_all_who_map_it_and_read_again()
    {
        Ok(P0.MapFile(8, 2, ReadWrite, _file, 0));
        Ok(P0.Write(8, 5));
        Has(P0, 9, MappedFile.ContentOf(1));
        MmStruct child = _machine.Fork(P0, "p1");
        Ok(P0.MapFile(16, 1, VmFlags.Read, _file, 1));
        Has(P0, 16, MappedFile.ContentOf(1));
        Folio folio = FolioOf(P0, 9);
        Assert.Equal(3, folio.MapCount.ReadOnce());
        Assert.Equal(ReclaimOutcome.Freed, _machine.System.Reclaim(P0.Isolate(9)!, ignoreReferences: true));
        Assert.True(folio.IsFreed);
        Assert.Null(_file.FolioOf(1));
        Assert.Null(child.EntryOf(9));
        Has(child, 9, MappedFile.ContentOf(1));
        Ok(P0.Advise(8, 2, Advice.PageOut));
        Has(P0, 8, 5);
    }

    [Fact]
    public void A_files_page_is_migrated_for_all_who_map_it()
    {
        Ok(P0.MapFile(8, 2, ReadWrite, _file, 0));
        Ok(P0.Write(8, 5));
        Has(P0, 9, MappedFile.ContentOf(1));
        MmStruct child = _machine.Fork(P0, "p1");
        Folio folio = FolioOf(P0, 9);
        Assert.Equal(MigrateOutcome.Moved, _machine.System.Migrate(P0.Isolate(9)!));
        Assert.True(folio.IsFreed);
        Assert.Same(_file.FolioOf(1), FolioOf(child, 9));
        Assert.Same(_file.FolioOf(1), FolioOf(P0, 9));
        Has(child, 9, MappedFile.ContentOf(1));
    }

    [Fact]
    public void Nobody_moves_pages_of_a_file_with_userfaultfd()
    {
        Ok(P0.MapFile(8, 2, ReadWrite, _file, 0));
        Ok(P0.Map(16, 2));
        Ok(P0.Write(8, 5));
        Assert.Equal(Errno.EINVAL, P0.MovePage(16, 8));
        Assert.Equal(Errno.EINVAL, P0.MovePage(9, 16));
    }
}
