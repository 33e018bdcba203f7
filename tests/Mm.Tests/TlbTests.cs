using RcuModel.Primitives;
using static RcuModel.Mm.Tests.Machine;

namespace RcuModel.Mm.Tests;

/// <summary>What processors, devices and users of userfaultfd and pins see, one operation after the other, and on real threads.</summary>
public sealed class TlbTests : IDisposable
{
    private readonly Machine _machine = new(new MmConfig { EntriesPerTable = 4, TablesPerMm = 8, Cpus = 2 });

    private MmStruct P0 => _machine.P0;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void What_a_processor_knows_is_forgotten_when_the_page_is_taken_away()
    {
        Ok(P0.Map(0, 4));
        _machine.System.RunOn(0);
        Ok(P0.Write(1, 5));
        Ok(P0.Write(1, 6));
        Assert.Equal(ReclaimOutcome.Freed, _machine.System.Reclaim(P0.Isolate(1)!, ignoreReferences: true));
        Has(P0, 1, 6);
        Assert.Equal(MigrateOutcome.Moved, _machine.System.Migrate(P0.Isolate(1)!));
        Ok(P0.Write(1, 7));
        _machine.System.RunOn(1);
        Has(P0, 1, 7);
        Ok(P0.Protect(1, 1, VmFlags.Read));
        _machine.System.RunOn(0);
        Assert.Equal(Errno.EFAULT, P0.Write(1, 8));
        Ok(P0.Unmap(0, 4));
        Assert.Equal(Errno.EFAULT, P0.Read(1, out _));
    }

    [Fact]
    public void A_store_through_a_translation_that_has_not_been_noted_as_written_is_noted()
    {
        Ok(P0.Map(0, 4));
        _machine.System.RunOn(0);
        Ok(P0.Write(1, 5));
        Ok(P0.Advise(1, 1, Advice.Free));
        Assert.False(P0.EntryOf(1)!.IsDirty);
        Has(P0, 1, 5);
        Assert.False(P0.EntryOf(1)!.IsDirty);
        Ok(P0.Write(1, 6));
        Assert.True(P0.EntryOf(1)!.IsDirty);
    }

    [Fact]
    public void A_device_sees_what_its_process_writes_and_the_other_way_round()
    {
        Ok(P0.Map(0, 4));
        var device = new SecondaryMmu(P0);
        P0.Register(device);
        Ok(device.Read(1, out long value));
        Assert.Equal(0, value);
        Ok(P0.Write(1, 5));
        Ok(device.Read(1, out value));
        Assert.Equal(5, value);
        Ok(device.Write(1, 6));
        Has(P0, 1, 6);
        MmStruct child = _machine.Fork(P0, "p1");
        Ok(device.Write(1, 7));
        Has(P0, 1, 7);
        Has(child, 1, 6);
        Ok(P0.Unmap(0, 4));
        Assert.Equal(Errno.EFAULT, device.Read(1, out _));
        Assert.Equal(Errno.EFAULT, device.Write(-1, 0));
    }

    [Fact]
    public void Userfaultfd_moves_a_page_with_its_content_and_says_why_it_does_not()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Map(8, 4));
        Ok(P0.Map(16, 4, VmFlags.Read | VmFlags.Write | VmFlags.Exec));
        Ok(P0.Write(1, 5));
        Folio folio = FolioOf(P0, 1);
        Assert.Equal(Errno.EEXIST, P0.MovePage(1, 1));
        Assert.Equal(Errno.ENOENT, P0.MovePage(8, 2));
        Assert.Equal(Errno.EINVAL, P0.MovePage(16, 1));
        Assert.Equal(Errno.ENOENT, P0.MovePage(24, 1));
        Ok(P0.MovePage(8, 1));
        Assert.Same(folio, FolioOf(P0, 8));
        Has(P0, 8, 5);
        Assert.Null(P0.EntryOf(1));
        _machine.Check();
        Ok(P0.Write(1, 6));
        Assert.Equal(Errno.EEXIST, P0.MovePage(8, 1));
        Assert.Equal(ReclaimOutcome.Freed, _machine.System.Reclaim(P0.Isolate(8)!, ignoreReferences: true));
        Ok(P0.MovePage(9, 8));
        Has(P0, 9, 5);
        MmStruct child = _machine.Fork(P0, "p1");
        Assert.Equal(Errno.EBUSY, P0.MovePage(10, 9));
        Has(child, 9, 5);
    }

    [Fact]
    public void A_pinned_page_stays_its_process_own()
    {
        Ok(P0.Map(0, 4));
        Ok(P0.Write(1, 5));
        _machine.System.RunOn(0);
        Ok(P0.Pin(1, out Pte? pinned));
        Assert.Equal(Errno.EFAULT, P0.Pin(20, out _));
        MmStruct child = _machine.Fork(P0, "p1");
        Assert.NotSame(pinned!.Folio, FolioOf(child, 1));
        MmStruct.WritePinned(pinned, 6);
        Has(P0, 1, 6);
        Has(child, 1, 5);
        Assert.NotEqual(ReclaimOutcome.Freed, _machine.System.Reclaim(P0.Isolate(1)!, ignoreReferences: true));
        Assert.NotEqual(MigrateOutcome.Moved, _machine.System.Migrate(P0.Isolate(1)!));
        Assert.Equal(Errno.EBUSY, P0.MovePage(2, 1));
        Assert.Same(pinned.Folio, FolioOf(P0, 1));
        P0.Unpin(pinned);
        Has(P0, 1, 6);
    }

    [Fact]
    public void On_real_threads_nothing_that_was_written_is_lost()
    {
        Ok(P0.Map(0, 4));
        long last = 0;
        Execution.Run(
            () =>
            {
                _machine.System.RunOn(0);
                for (long value = 1; value <= 2000; value++)
                {
                    Ok(P0.Write(1, value));
                    Has(P0, 1, value);
                    last = value;
                }
            },
            () =>
            {
                for (int i = 0; i < 500; i++)
                {
                    if (P0.Isolate(1) is { } moved)
                        _machine.System.Migrate(moved);
                    if (P0.Isolate(1) is { } reclaimed)
                        _machine.System.Reclaim(reclaimed, ignoreReferences: true);
                }
            });
        Has(P0, 1, last);
    }
}
