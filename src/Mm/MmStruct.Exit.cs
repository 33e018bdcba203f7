namespace RcuModel.Mm;

public sealed partial class MmStruct
{
    /// <summary>Becomes a user of the address space unless it is being torn down. Kernel: mmget_not_zero().</summary>
    public bool TryGet() => _users.AddUnless(1, 0) != 0;

    /// <summary>Is no user any more; the last tears the address space down. Kernel: mmput().</summary>
    public void Put() => throw new NotImplementedException();

    /// <summary>Unmaps everything and lets go of the memory; nobody uses it. Kernel: exit_mmap().</summary>
    private void TearDown() => throw new NotImplementedException();
}
