using static RcuModel.Mm.Tests.Machine;

namespace RcuModel.Mm.Tests;

/// <summary>Private mappings of a file whose copies have an index of their own: where that begins, and what merges by it.</summary>
public sealed class AnonOffsetTests : IDisposable
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    private readonly Machine _machine = new(new MmConfig { EntriesPerTable = 4, TablesPerMm = 8, Rules = KernelRules.MmUnstable });
    private readonly MappedFile _file;

    public AnonOffsetTests() => _file = new MappedFile(_machine.System, 8);

    private MmStruct P0 => _machine.P0;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_copy_has_the_index_of_its_address_and_the_files_page_that_of_the_file()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 1));
        Has(P0, 9, MappedFile.ContentOf(2));
        Assert.Equal(2, FolioOf(P0, 9).Index.ReadOnce());
        Ok(P0.Write(9, 5));
        Assert.Equal(9, FolioOf(P0, 9).Index.ReadOnce());
        _machine.Check();
    }

    [Fact]
    public void What_was_never_faulted_moves_with_its_index_and_what_was_keeps_it()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 1));
        Ok(P0.Remap(8, 4, 4, 16));
        Assert.Equal((1, 16), (P0.Find(16)!.PageOffset.ReadOnce(), P0.Find(16)!.AnonOffset));
        Ok(P0.Write(17, 5));
        Ok(P0.Remap(16, 4, 4, 24));
        Assert.Equal((1, 16), (P0.Find(24)!.PageOffset.ReadOnce(), P0.Find(24)!.AnonOffset));
        Has(P0, 25, 5);
        Has(P0, 24, MappedFile.ContentOf(1));
        _machine.Check();
    }

    [Fact]
    public void A_split_gives_both_parts_both_offsets()
    {
        Ok(P0.MapFile(8, 4, ReadWrite, _file, 1));
        Ok(P0.Write(8, 5));
        Ok(P0.Protect(10, 2, VmFlags.Read));
        Assert.Equal((3, 10), (P0.Find(10)!.PageOffset.ReadOnce(), P0.Find(10)!.AnonOffset));
        MmStruct child = _machine.Fork(P0, "p1");
        Assert.Equal((3, 10), (child.Find(10)!.PageOffset.ReadOnce(), child.Find(10)!.AnonOffset));
        Ok(P0.Protect(10, 2, ReadWrite));
        Assert.Equal(4, P0.Find(8)!.Pages);
        Assert.Equal(0, P0.LostMerges);
        _machine.Check();
    }

    [Fact]
    public void Mappings_merge_only_if_they_go_on_in_the_file_and_in_the_index()
    {
        Ok(P0.MapFile(8, 2, ReadWrite, _file, 0));
        Ok(P0.Write(8, 5));
        Ok(P0.Remap(8, 2, 2, 16));
        Ok(P0.MapFile(18, 2, ReadWrite, _file, 2));
        Assert.Equal([16L, 18L], P0.AllVmas.Select(static vma => vma.Start.ReadOnce()));
        Assert.Equal(1, P0.LostMerges);
        Ok(P0.MapFile(20, 2, ReadWrite, _file, 4));
        Assert.Equal([16L, 18L], P0.AllVmas.Select(static vma => vma.Start.ReadOnce()));
        Assert.Equal(1, P0.LostMerges);
        _machine.Check();
    }

    [Fact]
    public void Memory_that_maps_no_file_has_one_offset()
    {
        Ok(P0.Map(8, 4));
        Ok(P0.Write(8, 5));
        Ok(P0.Remap(8, 4, 4, 16));
        Assert.Equal((8, 8), (P0.Find(16)!.PageOffset.ReadOnce(), P0.Find(16)!.AnonOffset));
        Ok(P0.Map(24, 2));
        Ok(P0.Remap(24, 2, 2, 28));
        Assert.Equal((28, 28), (P0.Find(28)!.PageOffset.ReadOnce(), P0.Find(28)!.AnonOffset));
        _machine.Check();
    }
}
