namespace RcuModel.Mm;

public sealed partial class MmStruct
{
    /// <summary>Copies the address space for a child. Kernel: dup_mmap().</summary>
    /// <param name="name">What dumps and traces call the child.</param>
    /// <param name="errno">ENOMEM if there is no memory.</param>
    public MmStruct? Fork(string name, out Errno errno) => throw new NotImplementedException();
}
