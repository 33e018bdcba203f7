using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// The lock of one VMA, for readers that only try and a writer that holds the mmap lock of the mm for writing.
//
//   references     0: detached; otherwise 1 for being attached, 1 for each reader, and Offset while a writer waits for readers
//   lockSequence   the number of the mm when the VMA was last locked for writing: it is locked while the mm still has it
//
//   writer, with the mmap lock             reader
//   (mm's number is odd, n)                is lockSequence the mm's number? then it is locked     (a hint)
//   references + Offset, unless 0          references + 1, unless 0 or at the limit, acquire      (1)
//   waits until readers have left  (2)     is it a VMA of this mm? if not, lets go                (3)
//   lockSequence = n                       is lockSequence the mm's number, acquire? lets go      (4)
//   references - Offset, release   (1)     uses the VMA
//   changes the VMA                        references - 1, release                                (2)
//   mm's number + 1                (4)     wakes a writer who waits
//
// (1): who counts itself behind a writer sees the writer's lockSequence. Before that nobody counts itself, since the count is
// over the limit. (2): what readers did comes before what the writer does. (4): who sees that the mm has moved on sees what
// the writer did; one store, that of the mm's number, unlocks all VMAs. A number of long ago can only make a VMA
// look locked that is not.
//
// (3): VMAs are typesafe memory. A reader may count itself in one that has become a VMA of another mm, and sees that. To let go
// it may have to wake the writer of that mm, which it does not hold: once the count is given back, that mm may go. So it
// grabs the mm first.

/// <summary>
/// The lock of a VMA. Readers try it and never wait; a writer, who holds the mmap lock of the mm for writing, waits for
/// readers, and unlocks all VMAs at once. It is part of the object that it is made with, through all lives of that.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>A thread is a reader from a <see cref="TryStartRead"/> that gave true to <see cref="EndRead"/>. While there are readers,
/// nobody is between <see cref="StartWrite"/> of this VMA and <see cref="MmVmaLocks.EndWriteAll"/> of its mm; what a reader did
/// happens before what the next writer does, and the other way round.</item>
/// <item>A reader has a VMA that is attached and belongs to the mm that it asked for. Which addresses the VMA has it must look
/// at itself.</item>
/// <item><see cref="TryStartRead"/> gives false if the VMA is detached, is another mm's, is locked for writing, or has too many
/// readers. It may do so without need while a writer or another reader comes or goes, and must not be taken for a no.</item>
/// <item>When <see cref="Detach"/> returns, nobody is or becomes a reader, nor is counted: the VMA may begin a new life at once,
/// and its memory may be freed after a grace period of those who look it up. Who is still about to wake a writer of the mm keeps
/// that mm's memory there.</item>
/// <item>Progress: <see cref="StartWrite"/> and Detach wait for readers; the others wait for nobody.</item>
/// <item>No operation allocates.</item>
/// </list>
/// <para>Kernel: vm_refcnt, vm_lock_seq and vm_mm of struct vm_area_struct; include/linux/mmap_lock.h.</para>
/// </remarks>
[DebuggerDisplay("references {_references}, locked at {_lockSequence}")]
public class VmaLock
{
    /// <summary>What a writer adds to the count while it waits for readers. Kernel: VMA_LOCK_OFFSET.</summary>
    public const int Offset = 1 << 30;

    /// <summary>How many readers there can be unless fewer are asked for. Kernel: VMA_REF_LIMIT, less one.</summary>
    public const int ReadersMaxDefault = Offset - 2;

    // Even numbers never lock, and this one is far from those of a young mm.
    private const uint Never = uint.MaxValue - 1;

    private readonly LockMap? _map = LockMap.MakeMeasured("vma_lock");
    private readonly int _limit;
    private Cell<int> _references;
    private Cell<uint> _lockSequence;
    private Ref<MmVmaLocks> _mm;

    /// <summary>Creates the lock of a VMA that is detached.</summary>
    /// <param name="vma">The VMA; when it is freed, so is the lock.</param>
    /// <param name="readersMax">How many readers there can be: a model may want to see what happens then.</param>
    public VmaLock(SharedObject vma, int readersMax = ReadersMaxDefault)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(readersMax, ReadersMaxDefault);
        _limit = readersMax + 1;
        _references = new Cell<int>(vma, 0, "references");
        _lockSequence = new Cell<uint>(vma, Never, "lockSequence");
        _mm = new Ref<MmVmaLocks>(vma, null, "mm");
    }

    /// <summary>Whether the VMA is locked for writing, asked by who holds the mmap lock. Kernel: vma_assert_write_locked().</summary>
    public bool IsWriteLocked => _lockSequence.ReadOnce() == _mm.ReadOnce()!.Sequence.Peek();

    /// <summary>Whether the VMA was attached a moment ago. Kernel: vma_assert_attached().</summary>
    public bool IsAttached => _references.ReadOnce() != 0;

    /// <summary>
    /// Begins a life: the VMA will belong to an mm. It is detached, and stays so; only its maker uses it, though readers may
    /// still look at it that have found it in its last life. Kernel: vma_init().
    /// </summary>
    /// <param name="mm">The mm.</param>
    public void Init(MmVmaLocks mm)
    {
        // Relaxed: the release in Attach orders. The count is left alone: an old reader may still be about to try it.
        _mm.WriteOnce(mm);
        _lockSequence.WriteOnce(Never);
    }

    /// <summary>
    /// Makes the VMA one that readers can have, once the mm's writer has ended. It must be locked for writing, and all its
    /// fields written. Kernel: vma_mark_attached().
    /// </summary>
    public void Attach()
    {
        Execution.Assert(IsWriteLocked, "a VMA is attached while it is locked for writing");
        Execution.Assert(!IsAttached, "a VMA is attached once");

        // Release pairs with (1) in TryStartRead: who counts itself sees whose VMA it is, and its number.
        _references.StoreRelease(1);
    }

    /// <summary>
    /// Makes the VMA one that no reader can have, and waits for those that have counted themselves for the moment until they
    /// find it locked. It must be locked for writing. Kernel: vma_mark_detached().
    /// </summary>
    public void Detach()
    {
        Execution.Assert(IsWriteLocked, "a VMA is detached while it is locked for writing");
        MmVmaLocks mm = _mm.ReadOnce()!;

        // Release, as it is one count like another; whoever comes behind sees what this life has been.
        int before = _references.FetchAdd(-1, Order.Release);
        if (before != 1 && EnterLocked(mm, Offset, measured: false))
            _references.FetchAdd(-Offset, Order.Release);
        if (Lockdep.Measured)
            mm.EndMeasured(_map!);

        // Pairs with the release in EndRead, of readers that had left before we looked.
        Fence.Read();
    }

    /// <summary>
    /// Becomes a reader if that needs no waiting. The caller found the VMA in an RCU reader, and may leave that afterwards.
    /// Kernel: vma_start_read().
    /// </summary>
    /// <param name="mm">The mm to which the VMA must belong; the caller keeps it there.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryStartRead(MmVmaLocks mm)
    {
        // Relaxed: a hint, so that who comes while it is locked need not write. It is looked at again.
        if (_lockSequence.ReadOnce() == mm.Sequence.Peek())
            return false;

        int seen = _references.ReadOnce();
        do
        {
            if (seen == 0 || seen >= _limit)
                return false;
        }
        while (!_references.TryCompareExchange(ref seen, seen + 1, Order.Acquire));

        // The acquire above is (1). It pairs with the release in Attach, and with that in StartWrite: so the mm and the
        // number that are seen now are those of this life. They stay, as long as we are counted.
        MmVmaLocks? owner = _mm.ReadOnce();
        if (!ReferenceEquals(owner, mm))
            return owner is not null && StartForeignRead(owner);

        // Acquire is (4) and pairs with the barrier in EndWriteAll.
        if (_lockSequence.ReadOnce() != mm.Sequence.ReadAny())
        {
            if (Lockdep.Measured)
                _map!.Acquire(LockUse.Read, "", 0, isTry: true);
            return true;
        }

        Put(mm);
        return false;
    }

    /// <summary>Is no reader any more. Kernel: vma_end_read().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndRead()
    {
        if (Lockdep.Measured)
            _map!.Release("", 0);

        // Before we let go: afterwards it may be another one.
        Put(_mm.ReadOnce()!);
    }

    /// <summary>
    /// Locks the VMA for writing, until <see cref="MmVmaLocks.EndWriteAll"/>: waits until its readers have ended. The caller
    /// holds the mmap lock for writing. To lock it again does nothing. Kernel: vma_start_write().
    /// </summary>
    public void StartWrite()
    {
        MmVmaLocks mm = _mm.ReadOnce()!;
        uint sequence = mm.Sequence.Peek();
        Execution.Assert((sequence & 1) != 0, "who locks a VMA for writing holds the mmap lock for writing");
        if (_lockSequence.ReadOnce() == sequence)
            return;

        bool attached = EnterLocked(mm, Offset + 1, Lockdep.Measured);

        // Relaxed: readers that are counted do not exist, and those to come are ordered behind the release below.
        _lockSequence.WriteOnce(sequence);

        // Release is (1) and pairs with the acquire in TryStartRead.
        if (attached)
            _references.FetchAdd(-Offset, Order.Release);
    }

    /// <summary>The reader has counted itself in a VMA of another mm. Kernel: the way out of vma_start_read().</summary>
    /// <param name="owner">That mm.</param>
    /// <returns>Whether it is a reader nevertheless: it never is.</returns>
    internal virtual bool StartForeignRead(MmVmaLocks owner)
    {
        // That we are counted keeps the VMA from being detached, and so the mm from being torn down: it can be grabbed.
        owner.Grab();
        Put(owner);
        owner.Drop();
        return false;
    }

    /// <summary>Gives back one count, and wakes the writer if it waits for that. Kernel: vma_refcount_put().</summary>
    /// <param name="mm">The mm of the VMA; the caller keeps it there.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Put(MmVmaLocks mm)
    {
        // Release is (2) and pairs with the acquires in EnterLocked and AwaitReaders.
        int left = _references.FetchAdd(-1, Order.Release) - 1;
        Execution.Assert(left >= 0, "who ends to read has begun to");
        if (left is Offset or Offset + 1)
            mm.WakeWriter();
    }

    // Keeps readers from counting themselves and waits for those that are. False if there are none, the VMA being detached.
    // Kernel: __vma_enter_locked().
    private bool EnterLocked(MmVmaLocks mm, int target, bool measured)
    {
        // Acquire is (2) and pairs with the release in Put, if all readers have left.
        int before = _references.AddUnless(Offset, 0, Order.Acquire);
        if (before == 0)
            return false;
        if (measured)
            mm.BeginMeasured(_map!);
        if (before + Offset != target)
        {
            if (measured)
                _map!.Contended();
            mm.AwaitReaders(ref _references, target);
        }

        if (measured)
            _map!.Acquired();
        return true;
    }
}
