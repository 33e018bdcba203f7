namespace RcuModel.Primitives;

/// <summary>
/// <see cref="VmaLock"/> as a specification, for models at lock grain: the same operations, each of them a step or two, built on
/// a <see cref="SpecLock"/>.
/// </summary>
/// <remarks>
/// Where the real one unlocks all VMAs of an mm in one step, this one unlocks them one after the other: a reader may be refused a
/// little longer, which it may be without any reason. Everything else it does, the real one can do.
/// </remarks>
public class SpecVmaLock
{
    private readonly SpecLock _lock;
    private Ref<SpecMmVmaLocks> _mm;
    private Cell<bool> _isAttached;

    /// <summary>Creates the lock of a VMA that is detached.</summary>
    /// <param name="vma">The VMA; when it is freed, so is the lock.</param>
    public SpecVmaLock(SharedObject vma)
    {
        // A writer takes as many as it likes, under the lock of the mm; readers only try. So no order matters.
        _lock = new SpecLock(vma, "vmaLock", watched: false);
        _mm = new Ref<SpecMmVmaLocks>(vma, null, "mm");
        _isAttached = new Cell<bool>(vma, false, "isAttached");
    }

    /// <summary>Whether the VMA is locked for writing, asked by who holds the mmap lock.</summary>
    [ThreadPrivate("who holds the mmap lock for writing, or has made the VMA")]
    public bool IsWriteLocked { get; internal set; }

    /// <summary>Begins a life: the VMA will belong to an mm. Kernel: vma_init().</summary>
    /// <param name="mm">The mm.</param>
    public void Init(SpecMmVmaLocks mm) => _mm.WriteOnce(mm);

    /// <summary>Makes the VMA one that readers can have. It must be locked for writing. Kernel: vma_mark_attached().</summary>
    public void Attach()
    {
        Execution.Assert(IsWriteLocked, "a VMA is attached while it is locked for writing");
        _isAttached.WriteOnce(true);
    }

    /// <summary>Makes it one that no reader can have. It must be locked for writing, and is so no longer. Kernel: vma_mark_detached().</summary>
    public void Detach()
    {
        Execution.Assert(IsWriteLocked, "a VMA is detached while it is locked for writing");
        _isAttached.WriteOnce(false);
        _mm.ReadOnce()!.Unlock(this);
    }

    /// <summary>Becomes a reader if that needs no waiting. Kernel: vma_start_read().</summary>
    /// <param name="mm">The mm to which the VMA must belong.</param>
    public bool TryStartRead(SpecMmVmaLocks mm)
    {
        if (!_lock.TryAcquire(LockMode.Read))
            return false;

        // Relaxed: attaching and detaching are done under the lock, and an mm is given to what is detached.
        if (_isAttached.ReadOnce() && IsOf(mm))
            return true;
        _lock.Release(LockMode.Read);
        return false;
    }

    /// <summary>Is no reader any more. Kernel: vma_end_read().</summary>
    public void EndRead() => _lock.Release(LockMode.Read);

    /// <summary>Locks the VMA for writing, until the mm's writer ends. Kernel: vma_start_write().</summary>
    public void StartWrite()
    {
        if (IsWriteLocked)
            return;
        _lock.Acquire(LockMode.Write);
        _mm.ReadOnce()!.NoteLocked(this);
    }

    /// <summary>Whether the VMA, of which the caller is a reader, belongs to an mm.</summary>
    /// <param name="mm">The mm.</param>
    internal virtual bool IsOf(SpecMmVmaLocks mm) => ReferenceEquals(_mm.ReadOnce(), mm);

    internal void Release()
    {
        IsWriteLocked = false;
        _lock.Release(LockMode.Write);
    }
}

/// <summary>What an mm has for locks of its VMAs that are specifications.</summary>
public sealed class SpecMmVmaLocks
{
    [ThreadPrivate("who holds the mmap lock for writing")]
    private readonly List<SpecVmaLock> _locked = [];

    [ThreadPrivate("who holds the mmap lock for writing")]
    private bool _writes;

    /// <summary>The mmap lock has been taken for writing. Kernel: mm_lock_seqcount_begin().</summary>
    public void BeginWrite() => _writes = true;

    /// <summary>Unlocks every VMA that was locked for writing since <see cref="BeginWrite"/>. Kernel: vma_end_write_all().</summary>
    public void EndWriteAll()
    {
        foreach (SpecVmaLock vma in _locked)
            vma.Release();
        _locked.Clear();
        _writes = false;
    }

    internal void NoteLocked(SpecVmaLock vma)
    {
        Execution.Assert(_writes, "who locks a VMA for writing holds the mmap lock for writing");
        vma.IsWriteLocked = true;
        _locked.Add(vma);
    }

    internal void Unlock(SpecVmaLock vma)
    {
        _locked.Remove(vma);
        vma.Release();
    }
}
