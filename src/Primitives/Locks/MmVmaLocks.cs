using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// What an mm has for the locks of its VMAs: the number that tells which of them are locked for writing, where the one writer
/// waits for readers, and the count that keeps the mm's memory there. See <see cref="VmaLock"/>.
/// </summary>
/// <remarks>
/// <para>Whoever takes the mmap lock for writing calls <see cref="BeginWrite"/> next, and <see cref="EndWriteAll"/> just before
/// giving it back or turning it into a read lock.</para>
/// <para>Kernel: mm_lock_seq, vma_writer_wait and mm_count of struct mm_struct.</para>
/// </remarks>
public class MmVmaLocks
{
    /// <summary>Odd while the mmap lock is held for writing. A VMA that has the same number is locked for writing.</summary>
    internal SeqCount Sequence;

    private readonly SharedObject _mm;
    [ThreadPrivate("who holds the mmap lock for writing")]
    private readonly List<LockMap> _measured = [];

    private Cell<int> _writerWaits;
    private RefCount _count;

    /// <summary>Creates the part of an mm, whose memory the caller holds.</summary>
    /// <param name="mm">The mm; the last <see cref="Drop"/> frees it.</param>
    public MmVmaLocks(SharedObject mm)
    {
        _mm = mm;
        Sequence = new SeqCount(mm, "mmLockSeq");
        _writerWaits = new Cell<int>(mm, 0, "writerWaits");
        _count = new RefCount(mm, 1, "mmCount");
    }

    /// <summary>The mmap lock has been taken for writing. Kernel: mm_lock_seqcount_begin().</summary>
    /// <remarks>
    /// The kernel has no barrier before the number. What the writer before has done comes to a reader that sees this one's number
    /// by way of the mmap lock and two processors, which hardware keeps in order and the rules of release and acquire do not.
    /// </remarks>
    public void BeginWrite()
    {
        // Pairs with the second look in VmaLock.TryStartRead: a VMA that the last writer had locked is no longer so for a reader
        // who sees this number instead of the last one.
        Fence.Write();
        Sequence.WriteBegin();
    }

    /// <summary>
    /// Unlocks every VMA that was locked for writing since <see cref="BeginWrite"/>, in one step. Kernel: vma_end_write_all().
    /// </summary>
    public void EndWriteAll()
    {
        if (Lockdep.Measured)
            EndAllMeasured();
        Sequence.WriteEnd();
    }

    /// <summary>Keeps the mm's memory there, though not its contents. Kernel: mmgrab().</summary>
    public void Grab() => _count.Increment();

    /// <summary>Lets go of the mm's memory; the last one frees it. Kernel: mmdrop().</summary>
    public void Drop()
    {
        if (_count.DecrementAndTest())
            _mm.Free();
    }

    /// <summary>The writer is about to lock a VMA, whose lock is measured.</summary>
    internal void BeginMeasured(LockMap vma)
    {
        vma.Acquire(LockUse.Write, "", 0);
        _measured.Add(vma);
    }

    /// <summary>The writer has detached a VMA, which is locked no longer if it was attached when it was locked.</summary>
    internal void EndMeasured(LockMap vma)
    {
        if (_measured.Remove(vma))
            vma.Release("", 0);
    }

    private void EndAllMeasured()
    {
        // The last first, which is where it is looked for.
        for (int i = _measured.Count - 1; i >= 0; i--)
            _measured[i].Release("", 0);
        _measured.Clear();
    }

    // Kernel: rcuwait_wait_event(). Only the holder of the mmap lock waits here, so one word is enough.
    internal virtual void AwaitReaders(ref Cell<int> references, int target)
    {
        while (true)
        {
            _writerWaits.WriteOnce(1);

            // Pairs with the barrier in WakeWriter: we say that we wait, then look at the count; a reader lets go of the count,
            // then looks whether somebody waits. One of us sees the other.
            Fence.Full();

            // Acquire pairs with the release in VmaLock.EndRead: what readers did comes before what the writer does.
            if (references.LoadAcquire() == target)
                break;

            // Relaxed: the count is looked at again.
            _writerWaits.AwaitNotEqual(1, Order.Relaxed);
        }

        _writerWaits.WriteOnce(0);
    }

    // Kernel: rcuwait_wake_up().
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void WakeWriter()
    {
        // Pairs with the barrier in AwaitReaders.
        Fence.Full();

        // Relaxed: the woken looks at the count again, and takes nothing from here.
        if (_writerWaits.ReadOnce() != 0)
            _writerWaits.WriteOnce(0);
    }
}
