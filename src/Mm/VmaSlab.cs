using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Where VMAs come from. Freed ones may be used again at once, without a grace period: under a controller an allocation is a choice
/// between new memory and the one VMA named with <see cref="MayReuse"/>, if that is free.
/// </summary>
/// <remarks>Kernel: vm_area_alloc(), vm_area_dup(), vm_area_free().</remarks>
public sealed class VmaSlab
{
    private readonly MmSystem _system;

    [ThreadPrivate("the body, before its threads begin")]
    private Vma? _reusable;

    internal VmaSlab(MmSystem system) => _system = system;

    /// <summary>Names the VMA that later allocations may reuse. To be called before threads begin.</summary>
    /// <param name="vma">The VMA.</param>
    public void MayReuse(Vma vma) => _reusable = vma;

    /// <summary>Takes memory for a VMA of an mm, with a range and all else empty; null if there is none.</summary>
    /// <param name="mm">The mm.</param>
    /// <param name="start">Its first page.</param>
    /// <param name="end">The page behind its last.</param>
    /// <param name="offsets">What its first page is called elsewhere.</param>
    /// <param name="flags">What it allows.</param>
    /// <param name="file">The file that it maps; null for anonymous memory.</param>
    internal Vma? Allocate(MmStruct mm, long start, long end, PageOffsets offsets, VmFlags flags, MappedFile? file = null)
    {
        if (!_system.MayAllocate())
            return null;
        Vma vma = _reusable is { } freed && Execution.Choose(2) == 1 && freed.IsFree.CompareExchange(true, false, Order.Acquire)
            ? freed
            : new Vma(_system.Config);

        // Relaxed: whoever finds it by way of the tree finds it complete, and whoever holds an old pointer takes its lock first.
        vma.Mm.WriteOnce(mm);
        vma.Start.WriteOnce(start);
        vma.End.WriteOnce(end);
        vma.SetOffsets(offsets);
        vma.Flags.WriteOnce(flags);
        vma.File.WriteOnce(file);
        vma.AnonVma.WriteOnce(null);
        vma.Chain.WriteOnce(null);
        if (_system.Config.SharesTables)
            vma.MayShareTables.WriteOnce((flags & VmFlags.HugeTlb) != 0);
        vma.Lock.Init(mm.VmaLocks);
        return vma;
    }

    /// <summary>Gives the memory of a detached VMA back.</summary>
    /// <param name="vma">The VMA; the reverse map knows it no longer.</param>
    internal static void Free(Vma vma)
    {
        Execution.Assert(vma.AnonVma.ReadOnce() is null && vma.Chain.ReadOnce() is null, "a VMA is freed when the reverse map knows it no longer");
        vma.IsFree.StoreRelease(true);
    }
}
