using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// The walk is safe where it looks: the VMA is read-locked, so its range and its page tables stay. What is wrong is where it looks. A folio
// keeps the VMA that it was given, and pages go from one VMA to another in splits, merges and moves, which cannot tell folios: they hold the
// mmap lock, and a folio's lock is taken before that. And nothing keeps the VMA for the folio, as a reference keeps an anon_vma.

/// <summary>
/// A third party's idea for today's design: no anon_vma until a fork. Until then a folio points to the one VMA that can map it, and a walk locks
/// that; a fork gives the VMA its anon_vma, and whoever walks next finds it there. VMAs merge, are split and vanish, which is why it is known
/// to be bad.
/// </summary>
/// <remarks>Kernel: the series ANON_VMA_LAZY of May 2026, as its discussion tells of it; what it does about splits is not known here.</remarks>
public sealed class LazyAnonVmaMap : IReverseMap
{
    private readonly AnonVmaMap _forked = new();

    [ThreadPrivate("set once, before there are threads")]
    private SharedObject _faulted = null!;

    /// <inheritdoc/>
    public string Name => "anon-vma-lazy";

    /// <inheritdoc/>
    public bool LooksUpVmas => false;

    /// <inheritdoc/>
    public bool OutranksFiles => _forked.OutranksFiles;

    /// <inheritdoc/>
    public void Start(MmSystem system)
    {
        _faulted = new Faulted();
        _forked.Start(system);
    }

    /// <inheritdoc/>
    public bool MmCreated(MmStruct mm) => _forked.MmCreated(mm);

    /// <inheritdoc/>
    public void MmGone(MmStruct mm) => _forked.MmGone(mm);

    /// <inheritdoc/>
    public void MmEmptied(MmStruct mm) => _forked.MmEmptied(mm);

    /// <inheritdoc/>
    public void ForkBegins(MmStruct child, MmStruct parent) => _forked.ForkBegins(child, parent);

    /// <inheritdoc/>
    public void ForkEnds(MmStruct child, MmStruct parent) => _forked.ForkEnds(child, parent);

    /// <inheritdoc/>
    public bool Prepare(Vma vma)
    {
        if (vma.AnonVma.ReadOnce() is not null)
            return true;
        GrainSpinlock faults = vma.Mm.ReadOnce()!.PageTableLock;
        faults.Lock();
        if (vma.AnonVma.ReadOnce() is null)
            vma.AnonVma.StoreRelease(_faulted);
        faults.Unlock();
        return true;
    }

    /// <inheritdoc/>
    public bool Clone(Vma to, Vma from, CloneReason reason)
    {
        if (!IsLazy(from))
            return _forked.Clone(to, from, reason);
        to.AnonVma.WriteOnce(_faulted);
        return true;
    }

    /// <inheritdoc/>
    public bool Fork(Vma child, Vma parent) => (!IsLazy(parent) || _forked.Prepare(parent)) && _forked.Fork(child, parent);

    /// <inheritdoc/>
    public void UnmapBegins(MmStruct mm, IReadOnlyList<Vma> vmas) => _forked.UnmapBegins(mm, vmas);

    /// <inheritdoc/>
    public void UnmapEnds(MmStruct mm) => _forked.UnmapEnds(mm);

    /// <inheritdoc/>
    public void Unlink(Vma vma)
    {
        if (IsLazy(vma))
            vma.AnonVma.WriteOnce(null);
        else
            _forked.Unlink(vma);
    }

    /// <inheritdoc/>
    public void Unmapped(Vma vma, long start, long end) => _forked.Unmapped(vma, start, end);

    /// <inheritdoc/>
    public bool IsForkChild(Vma vma) => !IsLazy(vma) && _forked.IsForkChild(vma);

    /// <inheritdoc/>
    public void BeginAdjust(Vma vma, Vma? other) => _forked.BeginAdjust(vma, other);

    /// <inheritdoc/>
    public void EndAdjust(Vma vma, Vma? other) => _forked.EndAdjust(vma, other);

    /// <inheritdoc/>
    public bool MoveNeedsLock(Vma to, Vma from, bool merged) => _forked.MoveNeedsLock(to, from, merged);

    /// <inheritdoc/>
    public void LockForMove(Vma from, Vma to) => _forked.LockForMove(from, to);

    /// <inheritdoc/>
    public void UnlockAfterMove(Vma vma) => _forked.UnlockAfterMove(vma);

    /// <inheritdoc/>
    public void LockForCollapse(Vma vma, long start, long end) => _forked.LockForCollapse(vma, start, end);

    /// <inheritdoc/>
    public void UnlockAfterCollapse(Vma vma) => _forked.UnlockAfterCollapse(vma);

    /// <inheritdoc/>
    public void LockForSplit(SharedObject held) => _forked.LockForSplit(held);

    /// <inheritdoc/>
    public void UnlockAfterSplit(SharedObject held) => _forked.UnlockAfterSplit(held);

    /// <inheritdoc/>
    public void SetAnon(Folio folio, Vma vma, long page, bool exclusive)
    {
        if (!IsLazy(vma))
        {
            _forked.SetAnon(folio, vma, page, exclusive);
            return;
        }

        folio.Mapping.WriteOnce(new VmaMapping(vma));
        folio.Index.WriteOnce(vma.AnonIndexOf(page));
    }

    /// <inheritdoc/>
    public void MoveAnon(Folio folio, Vma vma)
    {
        if (IsLazy(vma))
            folio.Mapping.WriteOnce(new VmaMapping(vma));
        else
            _forked.MoveAnon(folio, vma);
    }

    /// <inheritdoc/>
    public void CheckAnon(Folio folio, Vma vma, long page)
    {
        if (folio.Mapping.ReadOnce() is not VmaMapping mapping)
        {
            _forked.CheckAnon(folio, vma, page);
            return;
        }

        Execution.Assert(
            IsLazy(mapping.Vma) ? mapping.Vma == vma : AnonVmaMap.Of(mapping.Vma)?.Root == AnonVmaMap.Of(vma)?.Root,
            "a folio is mapped only by the VMA that it points to, and by those that were forked from it");
        Execution.Assert(folio.Index.ReadOnce() == vma.AnonIndexOf(page), "a folio is mapped only where its index says");
    }

    /// <inheritdoc/>
    public void FolioReplaced(Folio folio, Folio by) => _forked.FolioReplaced(folio, by);

    /// <inheritdoc/>
    public void FolioFreed(Folio folio) => _forked.FolioFreed(folio);

    /// <inheritdoc/>
    public SharedObject? Hold(Folio folio) => folio.Mapping.ReadOnce() is VmaMapping ? null : _forked.Hold(folio);

    /// <inheritdoc/>
    public void LetGo(SharedObject held) => _forked.LetGo(held);

    /// <inheritdoc/>
    public SharedObject HoldShared(Vma vma)
    {
        // What is shared needs something that stays, as it would after a fork.
        bool prepared = !IsLazy(vma) || _forked.Prepare(vma);
        Execution.Assert(prepared, "there is memory for an anon_vma");
        return _forked.HoldShared(vma);
    }

    /// <inheritdoc/>
    public void WalkShared(SharedObject held, MmStruct mm, long page, long index, bool inForks, Folio folio, RmapWalk walk) =>
        _forked.WalkShared(held, mm, page, index, inForks, folio, walk);

    // What is lazy has the lock of its VMA, which is locked.
    /// <inheritdoc/>
    public void LockAll(MmStruct mm) => _forked.LockAll(mm);

    /// <inheritdoc/>
    public void UnlockAll(MmStruct mm) => _forked.UnlockAll(mm);

    /// <inheritdoc/>
    public bool CouldFind(Folio folio, Vma vma, long page) => folio.Mapping.ReadOnce() is VmaMapping mapping
        ? mapping.Vma == vma && folio.Index.ReadOnce() == vma.AnonIndexOf(page)
        : _forked.CouldFind(folio, vma, page);

    /// <inheritdoc/>
    public void Walk(Folio folio, RmapWalk walk)
    {
        if (folio.Mapping.ReadOnce() is not VmaMapping mapping)
        {
            _forked.Walk(folio, walk);
            return;
        }

        Vma vma = mapping.Vma;
        if ((!walk.Held && !folio.IsMapped) || !TryLock(vma, walk))
            return;
        if (IsLazy(vma))
        {
            long index = folio.Index.ReadOnce();
            (long page, long pages) = vma.AnonPagesOf(index, index + folio.Pages - 1);
            if (pages > 0)
                walk.Visit(folio, vma, page, pages);
        }
        else if (AnonVmaMap.Of(vma) is not null)
        {
            // It has been forked since. The VMA keeps its anon_vma, and the walk the VMA.
            _forked.MoveAnon(folio, vma);
            _forked.Walk(folio, walk);
        }

        vma.Lock.EndRead();
    }

    private bool IsLazy(Vma vma) => vma.AnonVma.ReadOnce() == _faulted;

    // False if the walk gives up, or there is no such VMA any more. There is no way to wait for the lock of a VMA as a reader but the mmap
    // lock, as faults do; after that only a VMA that was taken away cannot be had.
    private static bool TryLock(Vma vma, RmapWalk walk)
    {
        MmStruct mm = vma.Mm.ReadOnce()!;
        if (vma.Lock.TryStartRead(mm.VmaLocks))
            return true;
        if (!walk.Held)
        {
            walk.GiveUp();
            return false;
        }

        mm.MmapLock.DownRead();
        bool isThere = vma.Lock.TryStartRead(mm.VmaLocks);
        mm.MmapLock.UpRead();
        return isThere;
    }

    /// <summary>What a VMA has that was ever faulted, and never forked: the same for all, so that it keeps none from merging.</summary>
    private sealed class Faulted : SharedObject
    {
        public Faulted()
            : base("faulted")
        {
        }

        public override string ToString() => "faulted";
    }
}
