namespace RcuModel.Primitives;

/// <summary>
/// The lock of a VMA at the grain of its model: a <see cref="VmaLock"/>, or a <see cref="SpecVmaLock"/> in its place.
/// </summary>
/// <remarks>Kernel: vm_refcnt and vm_lock_seq of struct vm_area_struct.</remarks>
public sealed class GrainVmaLock
{
    private readonly VmaLock? _real;
    private readonly SpecVmaLock? _specified;

    /// <summary>Creates the lock of a VMA that is detached.</summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="grain">What it is made of.</param>
    public GrainVmaLock(SharedObject vma, Grain grain)
    {
        if (grain == Grain.Locks)
            _specified = new SpecVmaLock(vma);
        else
            _real = new VmaLock(vma);
    }

    /// <summary>Whether it is locked for writing, asked by who holds the mmap lock. Kernel: vma_assert_write_locked().</summary>
    public bool IsWriteLocked => _real?.IsWriteLocked ?? _specified!.IsWriteLocked;

    /// <summary>Begins a life: the VMA will belong to an mm. Kernel: vma_init().</summary>
    /// <param name="mm">The mm.</param>
    public void Init(GrainMmVmaLocks mm)
    {
        if (_real is not null)
            _real.Init(mm.Real!);
        else
            _specified!.Init(mm.Specified!);
    }

    /// <summary>Makes the VMA, which is locked for writing, one that readers can have. Kernel: vma_mark_attached().</summary>
    public void Attach()
    {
        if (_real is not null)
            _real.Attach();
        else
            _specified!.Attach();
    }

    /// <summary>Makes it one that no reader can have, and no longer locked. Kernel: vma_mark_detached().</summary>
    public void Detach()
    {
        if (_real is not null)
            _real.Detach();
        else
            _specified!.Detach();
    }

    /// <summary>Becomes a reader if that needs no waiting. Kernel: vma_start_read().</summary>
    /// <param name="mm">The mm to which the VMA must belong.</param>
    public bool TryStartRead(GrainMmVmaLocks mm) =>
        _real?.TryStartRead(mm.Real!) ?? _specified!.TryStartRead(mm.Specified!);

    /// <summary>Is no reader any more. Kernel: vma_end_read().</summary>
    public void EndRead()
    {
        if (_real is not null)
            _real.EndRead();
        else
            _specified!.EndRead();
    }

    /// <summary>Locks the VMA for writing, until the mm's writer ends. Kernel: vma_start_write().</summary>
    public void StartWrite()
    {
        if (_real is not null)
            _real.StartWrite();
        else
            _specified!.StartWrite();
    }
}

/// <summary>What an mm has for the locks of its VMAs, at the grain of its model.</summary>
/// <remarks>Kernel: mm_lock_seq of struct mm_struct, and mm_count, which keeps its memory there.</remarks>
public sealed class GrainMmVmaLocks
{
    private readonly SharedObject _mm;
    private RefCount _count;

    /// <summary>Creates the part of an mm, whose memory the caller holds.</summary>
    /// <param name="mm">The mm; the last <see cref="Drop"/> frees it.</param>
    /// <param name="grain">What it is made of.</param>
    public GrainMmVmaLocks(SharedObject mm, Grain grain)
    {
        _mm = mm;
        if (grain == Grain.Locks)
        {
            Specified = new SpecMmVmaLocks();
            _count = new RefCount(mm, 1, "mmCount");
        }
        else
        {
            Real = new MmVmaLocks(mm);
        }
    }

    internal MmVmaLocks? Real { get; }

    internal SpecMmVmaLocks? Specified { get; }

    /// <summary>The mmap lock has been taken for writing. Kernel: mm_lock_seqcount_begin().</summary>
    public void BeginWrite()
    {
        if (Real is not null)
            Real.BeginWrite();
        else
            Specified!.BeginWrite();
    }

    /// <summary>Unlocks every VMA that was locked for writing since then. Kernel: vma_end_write_all().</summary>
    public void EndWriteAll()
    {
        if (Real is not null)
            Real.EndWriteAll();
        else
            Specified!.EndWriteAll();
    }

    /// <summary>Keeps the mm's memory there, though not its contents. Kernel: mmgrab().</summary>
    public void Grab()
    {
        if (Real is not null)
            Real.Grab();
        else
            _count.Increment();
    }

    /// <summary>Lets go of the mm's memory; the last one frees it. Kernel: mmdrop().</summary>
    public void Drop()
    {
        if (Real is not null)
            Real.Drop();
        else if (_count.DecrementAndTest())
            _mm.Free();
    }
}
