using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

/// <summary>
/// Where anon_vmas come from. Freed ones may be used again at once, without a grace period; under a controller only the one that is
/// named with <see cref="MayReuse"/>.
/// </summary>
/// <remarks>Kernel: anon_vma_cachep, anon_vma_alloc(), anon_vma_free().</remarks>
public sealed class AnonVmaSlab
{
    private readonly MmSystem _system;
    private readonly FreedMemory<AnonVma> _freed = new();

    internal AnonVmaSlab(MmSystem system) => _system = system;

    /// <summary>Names the anon_vma that later allocations may reuse. To be called before threads begin.</summary>
    /// <param name="anonVma">The anon_vma.</param>
    public void MayReuse(AnonVma anonVma) => _freed.MayReuse(anonVma);

    /// <summary>Begins the life of one; null if there is no memory. Kernel: anon_vma_alloc().</summary>
    internal AnonVma? Allocate()
    {
        if (!_system.MayAllocate())
            return null;
        AnonVma anonVma = _freed.TryTake() ?? new AnonVma(_system.Config.Grain);
        anonVma.Init();
        return anonVma;
    }

    /// <summary>Lets go of one; the last ends its life. Kernel: put_anon_vma().</summary>
    /// <param name="anonVma">The anon_vma.</param>
    internal void Put(AnonVma anonVma)
    {
        if (anonVma.LetGo())
            End(anonVma);
    }

    /// <summary>Ends the life of one that nobody holds, and lets go of its root. Kernel: __put_anon_vma().</summary>
    /// <param name="anonVma">The anon_vma.</param>
    internal void End(AnonVma anonVma)
    {
        AnonVma root = anonVma.Root;
        Free(anonVma);
        if (root != anonVma && root.LetGo())
            Free(root);
    }

    // Kernel: anon_vma_free().
    private void Free(AnonVma anonVma)
    {
        Execution.Assert(anonVma.Tree.IsEmpty, "no VMA is in the tree of an anon_vma that is freed");

        // A reader may have tried the lock by an old pointer before it sees that nothing maps the folio. It is waited for, so that
        // it leaves the lock of this life. It takes the lock and then looks at the mapcount; we have let go, with a full barrier,
        // after the last mapping was gone: one of us sees the other.
        AnonVma root = anonVma.Root;
        if (root.Lock.IsLocked)
        {
            root.Lock.DownWrite();
            root.Lock.UpWrite();
        }

        _freed.Give(anonVma);
    }
}
