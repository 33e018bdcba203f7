using RcuModel.AnonVmas;
using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scripts;

/// <summary>
/// Today's reverse map and the proposal side by side: both are told everything, and each walk is walked by both, which must find the
/// same entries. A mapping that one finds and the other misses is a failed assertion. The walk's own work is done in today's.
/// </summary>
/// <remarks>
/// Kernel of the proposal: without CONFIG_COW_CONTEXT_ANON_RMAP, where each walk of an anon_vma asks whether the other finds it too.
/// </remarks>
public sealed class BothMaps : IReverseMap, IDisposable
{
    private readonly AnonVmaMap _anonVmas = new();
    private readonly CowContextMap _contexts;

    /// <summary>Creates both for one machine.</summary>
    /// <param name="stabilisation">What keeps still what the proposal walks over.</param>
    /// <param name="bugs">What the proposal gets wrong.</param>
    public BothMaps(IStabilisation stabilisation, CowBugs bugs = CowBugs.None) =>
        _contexts = new CowContextMap(stabilisation, bugs, isBeside: true);

    /// <inheritdoc/>
    public string Name => "both";

    /// <inheritdoc/>
    public bool LooksUpVmas => true;

    /// <inheritdoc/>
    public bool OutranksFiles => true;

    /// <inheritdoc/>
    public void Dispose() => _contexts.Dispose();

    /// <inheritdoc/>
    public void Start(MmSystem system)
    {
        _contexts.Start(system);
        _anonVmas.Start(system);
    }

    /// <inheritdoc/>
    public bool MmCreated(MmStruct mm) => _contexts.MmCreated(mm) && _anonVmas.MmCreated(mm);

    /// <inheritdoc/>
    public void MmEmptied(MmStruct mm)
    {
        _contexts.MmEmptied(mm);
        _anonVmas.MmEmptied(mm);
    }

    /// <inheritdoc/>
    public void MmGone(MmStruct mm)
    {
        _contexts.MmGone(mm);
        _anonVmas.MmGone(mm);
    }

    /// <inheritdoc/>
    public void ForkBegins(MmStruct child, MmStruct parent)
    {
        _contexts.ForkBegins(child, parent);
        _anonVmas.ForkBegins(child, parent);
    }

    /// <inheritdoc/>
    public void ForkEnds(MmStruct child, MmStruct parent)
    {
        _anonVmas.ForkEnds(child, parent);
        _contexts.ForkEnds(child, parent);
    }

    /// <inheritdoc/>
    public bool Prepare(Vma vma) => _contexts.Prepare(vma) && _anonVmas.Prepare(vma);

    /// <inheritdoc/>
    public bool Clone(Vma to, Vma from, CloneReason reason)
    {
        if (!_contexts.Clone(to, from, reason))
            return false;
        if (_anonVmas.Clone(to, from, reason))
            return true;
        if (reason == CloneReason.Remap)
            _contexts.Forget(to);
        return false;
    }

    /// <inheritdoc/>
    public bool Fork(Vma child, Vma parent)
    {
        if (!_contexts.Fork(child, parent))
            return false;
        if (_anonVmas.Fork(child, parent))
            return true;
        _contexts.Forget(child);
        return false;
    }

    /// <inheritdoc/>
    public void Unlink(Vma vma)
    {
        _contexts.Unlink(vma);
        _anonVmas.Unlink(vma);
    }

    /// <inheritdoc/>
    public void Unmapped(Vma vma, long start, long end)
    {
        _contexts.Unmapped(vma, start, end);
        _anonVmas.Unmapped(vma, start, end);
    }

    /// <inheritdoc/>
    public void UnmapBegins(MmStruct mm, IReadOnlyList<Vma> vmas)
    {
        _contexts.UnmapBegins(mm, vmas);
        _anonVmas.UnmapBegins(mm, vmas);
    }

    /// <inheritdoc/>
    public void UnmapEnds(MmStruct mm)
    {
        _anonVmas.UnmapEnds(mm);
        _contexts.UnmapEnds(mm);
    }

    /// <inheritdoc/>
    public bool IsForkChild(Vma vma) => _anonVmas.IsForkChild(vma);

    /// <inheritdoc/>
    public void BeginAdjust(Vma vma, Vma? other)
    {
        _contexts.BeginAdjust(vma, other);
        _anonVmas.BeginAdjust(vma, other);
    }

    /// <inheritdoc/>
    public void EndAdjust(Vma vma, Vma? other)
    {
        _anonVmas.EndAdjust(vma, other);
        _contexts.EndAdjust(vma, other);
    }

    /// <inheritdoc/>
    public bool MoveNeedsLock(Vma to, Vma from, bool merged) =>
        _contexts.MoveNeedsLock(to, from, merged) | _anonVmas.MoveNeedsLock(to, from, merged);

    /// <inheritdoc/>
    public void LockForMove(Vma from, Vma to)
    {
        _contexts.LockForMove(from, to);
        _anonVmas.LockForMove(from, to);
    }

    /// <inheritdoc/>
    public void UnlockAfterMove(Vma vma)
    {
        _anonVmas.UnlockAfterMove(vma);
        _contexts.UnlockAfterMove(vma);
    }

    /// <inheritdoc/>
    public void LockForCollapse(Vma vma, long start, long end)
    {
        _contexts.LockForCollapse(vma, start, end);
        _anonVmas.LockForCollapse(vma, start, end);
    }

    /// <inheritdoc/>
    public void UnlockAfterCollapse(Vma vma)
    {
        _anonVmas.UnlockAfterCollapse(vma);
        _contexts.UnlockAfterCollapse(vma);
    }

    /// <inheritdoc/>
    public void LockForSplit(SharedObject held)
    {
        _contexts.LockForSplit(((HeldBoth)held).Context);
        _anonVmas.LockForSplit(((HeldBoth)held).AnonVma);
    }

    /// <inheritdoc/>
    public void UnlockAfterSplit(SharedObject held)
    {
        _anonVmas.UnlockAfterSplit(((HeldBoth)held).AnonVma);
        _contexts.UnlockAfterSplit(((HeldBoth)held).Context);
    }

    /// <inheritdoc/>
    public void SetAnon(Folio folio, Vma vma, long page, bool exclusive)
    {
        _contexts.SetAnon(folio, vma, page, exclusive);
        _anonVmas.SetAnon(folio, vma, page, exclusive);
    }

    /// <inheritdoc/>
    public void MoveAnon(Folio folio, Vma vma)
    {
        _contexts.MoveAnon(folio, vma);
        _anonVmas.MoveAnon(folio, vma);
    }

    /// <inheritdoc/>
    public void CheckAnon(Folio folio, Vma vma, long page)
    {
        _contexts.CheckAnon(folio, vma, page);
        _anonVmas.CheckAnon(folio, vma, page);
    }

    /// <inheritdoc/>
    public void FolioReplaced(Folio folio, Folio by)
    {
        _contexts.FolioReplaced(folio, by);
        _anonVmas.FolioReplaced(folio, by);
    }

    /// <inheritdoc/>
    public void FolioFreed(Folio folio)
    {
        _contexts.FolioFreed(folio);
        _anonVmas.FolioFreed(folio);
    }

    /// <inheritdoc/>
    public SharedObject? Hold(Folio folio) =>
        _contexts.Hold(folio) is not { } context ? null : _anonVmas.Hold(folio) is { } anonVma ? new HeldBoth(context, anonVma) : LetGoOf(context);

    /// <inheritdoc/>
    public void LetGo(SharedObject held)
    {
        var both = (HeldBoth)held;
        _anonVmas.LetGo(both.AnonVma);
        _contexts.LetGo(both.Context);
    }

    /// <inheritdoc/>
    public SharedObject HoldShared(Vma vma) => new HeldBoth(_contexts.HoldShared(vma), _anonVmas.HoldShared(vma));

    /// <inheritdoc/>
    public void WalkShared(SharedObject held, MmStruct mm, long page, long index, bool inForks, Folio folio, RmapWalk walk)
    {
        // Once, for contexts come to the mm and to its forks in one go. They may find more: what lies at the same place in a fork, and was not
        // forked from there, may be another that shares the page.
        if (!inForks)
        {
            Compare(folio, () => SharedByAnonVmas(held, mm, page, index, folio, walk), () =>
            {
                EntryWalk found = Like(walk);
                _contexts.WalkShared(((HeldBoth)held).Context, mm, page, index, false, folio, found);
                return found;
            }, contextsMayFindMore: true);
        }

        _anonVmas.WalkShared(((HeldBoth)held).AnonVma, mm, page, index, inForks, folio, walk);
    }

    /// <inheritdoc/>
    public bool CouldFind(Folio folio, Vma vma, long page) =>
        _contexts.CouldFind(folio, vma, page) && _anonVmas.CouldFind(folio, vma, page);

    /// <inheritdoc/>
    public void LockAll(MmStruct mm)
    {
        _contexts.LockAll(mm);
        _anonVmas.LockAll(mm);
    }

    /// <inheritdoc/>
    public void UnlockAll(MmStruct mm)
    {
        _anonVmas.UnlockAll(mm);
        _contexts.UnlockAll(mm);
    }

    /// <inheritdoc/>
    public void Walk(Folio folio, RmapWalk walk)
    {
        Compare(folio, () => EntriesOf(_anonVmas, folio, walk), () => EntriesOf(_contexts, folio, walk));
        _anonVmas.Walk(folio, walk);
    }

    private SharedObject? LetGoOf(SharedObject context)
    {
        _contexts.LetGo(context);
        return null;
    }

    // What one has found and the other has not may have come or gone in between: it must be there still, and be missed again.
    private static void Compare(Folio folio, Func<EntryWalk> walkAnonVmas, Func<EntryWalk> walkContexts, bool contextsMayFindMore = false)
    {
        EntryWalk byAnonVmas = walkAnonVmas();
        EntryWalk byContexts = walkContexts();
        if (byAnonVmas.Places.SetEquals(byContexts.Places))
            return;
        EntryWalk again = walkAnonVmas();
        EntryWalk contextsAgain = walkContexts();
        foreach ((MmStruct mm, long page) in again.Places.Intersect(byAnonVmas.Places))
        {
            Execution.Assert(
                byContexts.Places.Contains((mm, page)) || contextsAgain.Places.Contains((mm, page)),
                $"contexts find all that anon_vmas find: {folio} is mapped at page {page} of {mm.Name}");
        }

        foreach ((MmStruct mm, long page) in contextsMayFindMore ? [] : contextsAgain.Places.Intersect(byContexts.Places))
        {
            Execution.Assert(
                byAnonVmas.Places.Contains((mm, page)) || again.Places.Contains((mm, page)),
                $"anon_vmas find all that contexts find: {folio} is mapped at page {page} of {mm.Name}");
        }
    }

    private EntryWalk SharedByAnonVmas(SharedObject held, MmStruct mm, long page, long index, Folio folio, RmapWalk like)
    {
        EntryWalk walk = Like(like);
        foreach (bool inForks in (ReadOnlySpan<bool>)[false, true])
            _anonVmas.WalkShared(((HeldBoth)held).AnonVma, mm, page, index, inForks, folio, walk);
        return walk;
    }

    private static EntryWalk EntriesOf(IReverseMap map, Folio folio, RmapWalk like)
    {
        EntryWalk walk = Like(like);
        map.Walk(folio, walk);
        return walk;
    }

    private static EntryWalk Like(RmapWalk walk) => new() { Held = walk.Held, HasLock = walk.HasLock };

    private sealed class HeldBoth(SharedObject context, SharedObject anonVma) : SharedObject("held")
    {
        public SharedObject Context => context;

        public SharedObject AnonVma => anonVma;
    }
}
