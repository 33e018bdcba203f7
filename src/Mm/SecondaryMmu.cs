using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A device, or a guest, that shares an address space: it has translations, which it makes from those of the address space when it lacks one,
/// without holding the pages. Any thread may have it access memory.
/// </summary>
/// <remarks>
/// <para>To make a translation it notes the sequence number, has the page looked up, and installs what was found only if no invalidation is
/// under way or has ended since; so what it installs was in the page table when no change was under way, and the next change will tell it.</para>
/// <para>Kernel: mmu_interval_read_begin(), mmu_interval_read_retry(); KVM's mmu_lock, mmu_invalidate_seq and mmu_invalidate_in_progress.</para>
/// </remarks>
public sealed class SecondaryMmu : MmuNotifier
{
    private readonly MmStruct _mm;
    private readonly GrainBitLock _lock;

    // What it knows of each page, under the lock.
    private readonly Ref<Pte>[] _known;

    // Invalidations that have begun and not ended, and how many have ended. Written under the lock.
    private Cell<int> _inProgress;
    private Cell<int> _sequence;

    /// <summary>Creates one, which knows nothing yet.</summary>
    /// <param name="mm">Whose memory it shares.</param>
    public SecondaryMmu(MmStruct mm)
        : base("secondary-mmu")
    {
        _mm = mm;
        _lock = new GrainBitLock(this, "mmu_lock", mm.System.Config.Grain);
        _known = Ref<Pte>.Array(this, (int)mm.System.Config.Pages, "known");
        _inProgress = new Cell<int>(this, 0, "in_progress");
        _sequence = new Cell<int>(this, 0, "sequence");
    }

    /// <summary>A store of the device.</summary>
    /// <param name="page">Where.</param>
    /// <param name="value">What.</param>
    /// <returns>What a store of a user would end with.</returns>
    public Errno Write(long page, long value) => Access(page, write: true, ref value);

    /// <summary>A load of the device.</summary>
    /// <param name="page">Where.</param>
    /// <param name="value">What was there.</param>
    /// <returns>What a load of a user would end with.</returns>
    public Errno Read(long page, out long value)
    {
        value = 0;
        return Access(page, write: false, ref value);
    }

    /// <inheritdoc/>
    protected internal override void InvalidateStart(long start, long end)
    {
        // An access of the device holds the lock too, so none is under way when this returns.
        _lock.Lock();
        _inProgress.WriteOnce(_inProgress.ReadOnce() + 1);
        for (long page = start; page < end; page++)
            _known[page].WriteOnce(null);
        _lock.Unlock();
    }

    /// <inheritdoc/>
    protected internal override void InvalidateEnd(long start, long end)
    {
        _lock.Lock();

        // Who has noted the number while this was under way finds another one.
        _sequence.WriteOnce(_sequence.ReadOnce() + 1);
        _inProgress.StoreRelease(_inProgress.ReadOnce() - 1);
        _lock.Unlock();
    }

    /// <inheritdoc/>
    protected internal override void Release()
    {
        _lock.Lock();
        for (int page = 0; page < _known.Length; page++)
            _known[page].WriteOnce(null);
        _lock.Unlock();
    }

    private Errno Access(long page, bool write, ref long value)
    {
        if (page < 0 || page >= _known.Length)
            return Errno.EFAULT;
        while (!TryAccess(page, write, ref value))
        {
            // Who comes in the middle of an invalidation waits for its end, with no locks. Kernel: mmu_interval_read_begin().
            _inProgress.AwaitEqual(0);
            int begun = _sequence.LoadAcquire();
            Errno errno = _mm.GetPage(page, write, out Pte? pte);
            if (errno != Errno.None)
                return errno;
            Install(page, pte!.With(write ? PteBits.Write : PteBits.None), begun);
            _mm.PutPage(pte);
        }

        return Errno.None;
    }

    private bool TryAccess(long page, bool write, ref long value)
    {
        _lock.Lock();
        Pte? pte = _known[page].ReadOnce();
        bool permitted = pte is not null && (!write || pte.IsWritable);
        if (permitted)
            MmStruct.Use(pte!, write, ref value);
        _lock.Unlock();
        return permitted;
    }

    private void Install(long page, Pte pte, int begun)
    {
        _lock.Lock();

        // One that had begun when the number was read is under way, or has changed it.
        bool isCurrent = _inProgress.ReadOnce() == 0 && _sequence.ReadOnce() == begun;
        Execution.Reached("an invalidation came while the secondary MMU looked a page up", !isCurrent);
        if (isCurrent || _mm.System.Has(Bugs.SecondaryMmuNeverRetries))
            _known[page].WriteOnce(pte);
        _lock.Unlock();
    }
}
