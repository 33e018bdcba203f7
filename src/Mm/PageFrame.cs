using RcuModel.Primitives;

namespace RcuModel.Mm;

// Who frees a folio looks whether its page has failed with the lock held, and who says that it has failed looks with the lock, behind that, what
// the page is: so either the page is not given back, or it is found among those that can be allocated, and taken away.

/// <summary>
/// A page of the machine's memory, which is there whatever is in it: what folio has it, and what has become of it. There are such only where
/// memory may fail.
/// </summary>
/// <remarks>Kernel: struct page with PG_hwpoison; the lock is that of its zone.</remarks>
public sealed class PageFrame : SharedObject
{
    private readonly GrainSpinlock _lock;
    private readonly MmSystem _system;

    // Under the lock. Null if the page can be allocated, or is kept from that.
    private Ref<Folio> _folio;
    private Cell<bool> _isFree;
    private Cell<bool> _hasFailed;
    private Cell<bool> _isKept;
    private Cell<bool> _isOutOfUse;

    internal PageFrame(MmSystem system, Folio folio, int sub)
        : base($"page{(sub == 0 ? "" : $"+{sub}")}")
    {
        _system = system;
        _lock = new GrainSpinlock(this, "zone_lock", system.Config.Grain);
        _folio = new Ref<Folio>(this, folio, "folio");
        _isFree = new Cell<bool>(this, false, "free");
        _hasFailed = new Cell<bool>(this, false, "hwpoison");
        _isKept = new Cell<bool>(this, false, "kept");
        _isOutOfUse = new Cell<bool>(this, false, "outOfUse");
    }

    /// <summary>Whether it is known to have failed. Kernel: PageHWPoison().</summary>
    public bool HasFailed => _hasFailed.ReadOnce();

    /// <summary>Whether it can be allocated. Kernel: is_free_buddy_page().</summary>
    public bool IsFree => _isFree.ReadOnce();

    /// <summary>Whether its folio is held for ever, because it has failed.</summary>
    public bool IsKept => _isKept.ReadOnce();

    /// <summary>Whether its failure has been dealt with, so that nothing maps it from then on.</summary>
    public bool IsOutOfUse => _isOutOfUse.ReadOnce();

    /// <summary>It has failed. False if that was known. Kernel: TestSetPageHWPoison().</summary>
    internal bool TryFail() => !_hasFailed.Exchange(true);

    /// <summary>
    /// The folio that has it, held for the caller; null if none has, and then it is not allocated any more, or if that cannot be had just now.
    /// Kernel: get_hwpoison_page(), take_page_off_buddy().
    /// </summary>
    /// <param name="wasFree">Whether no folio has it.</param>
    internal Folio? TryGet(out bool wasFree)
    {
        _lock.Lock();
        Folio? folio = _folio.ReadOnce();
        wasFree = folio is null;
        if (wasFree)
            _isFree.WriteOnce(false);

        // One that is isolated is somebody's who would be surprised. Kernel: HWPoisonHandlable().
        else if (!folio!.OnLru.ReadOnce() || folio.References.AddUnless(1, 0) == 0)
            folio = null;
        _lock.Unlock();
        return folio;
    }

    /// <summary>Its folio is held by who deals with its failure, and is not let go of any more.</summary>
    internal void Keep() => _isKept.WriteOnce(true);

    /// <summary>Its failure has been dealt with.</summary>
    internal void PutOutOfUse() => _isOutOfUse.WriteOnce(true);

    /// <summary>It becomes a folio of its own, when its large one is split; nobody else has a reference to that.</summary>
    internal void MoveTo(Folio folio)
    {
        _lock.Lock();
        _folio.WriteOnce(folio);
        _lock.Unlock();
    }

    /// <summary>Its folio is freed. Kernel: __free_one_page(), and free_pages_prepare(), which leaves pages alone that have failed.</summary>
    internal void FolioFreed()
    {
        _lock.Lock();
        _folio.WriteOnce(null);
        _isFree.WriteOnce(!_hasFailed.ReadOnce() || _system.Has(Bugs.FailedPagesFreed));
        _lock.Unlock();
    }
}
