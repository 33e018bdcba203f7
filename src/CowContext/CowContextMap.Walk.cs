using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// A folio that is mapped once and was found is nowhere else: its entry was seen under the lock of its page table, so nobody was copying
// it, and copies that are made later are of what the walker left there. That the folio is mapped once does not say so by itself: a
// child may have got the entry, and the parent have lost it, meanwhile.
public sealed partial class CowContextMap
{
    /// <inheritdoc/>
    public void Walk(Folio folio, RmapWalk walk)
    {
        CowContext? top = Of(folio);
        if (top is null || (!walk.Held && !folio.IsMapped) || !_stabilisation.BeginWalk(top, walk))
            return;
        if (_stabilisation.WalksInRcu)
            _system.Rcu.ReadLock();
        else
            top.Get();
        walk.AsksWhetherAlone = !walk.Held;
        CowContext? at = top;
        while (at is not null && VisitContext(at, folio, walk))
            at = Has(CowBugs.VisitsChildrenFirst) ? NextChildrenFirst(at, top) : Next(at, top);
        if (_stabilisation.WalksInRcu)
            _system.Rcu.ReadUnlock();
        else if (at is not null)
            CowContext.Put(at, _system.Rcu);
        _stabilisation.EndWalk(top);
    }

    // False to end the walk.
    private bool VisitContext(CowContext context, Folio folio, RmapWalk walk)
    {
        if (_stabilisation.Enter(context) is not { } mm)
            return true;
        bool wasAlone = Has(CowBugs.StopsUnchecked) && !walk.Held && folio.MapCount.ReadOnce() == 1;
        int found = walk.Found;
        walk.Costs.Contexts++;
        bool goesOn = VisitOffset(context, mm, folio, walk, 0);
        if (goesOn && wasAlone && folio.MapCount.ReadOnce() == 1)
            goesOn = false;
        if (goesOn)
            goesOn = VisitRemaps(context, mm, folio, walk);
        if (walk.Found == found)
            walk.Costs.UselessContexts++;
        _stabilisation.Leave(context, mm);
        return goesOn;
    }

    private bool VisitRemaps(CowContext context, MmStruct mm, Folio folio, RmapWalk walk)
    {
        _system.Rcu.ReadLock();
        RemapEntry? entry = context.Remaps.Lookup(folio.Index.ReadOnce());
        walk.Costs.RemapLookups++;
        int count = entry?.Count ?? 0;

        // A copy, for walks may sleep between two offsets.
        Span<long> offsets = count <= 16 ? stackalloc long[count] : new long[count];
        for (int i = 0; i < count; i++)
            offsets[i] = entry![i];
        _system.Rcu.ReadUnlock();
        walk.Costs.Offsets += count;
        walk.Costs.OffsetsMax = Math.Max(walk.Costs.OffsetsMax, count);
        foreach (long offset in offsets)
        {
            if (!VisitOffset(context, mm, folio, walk, offset))
                return false;
        }

        return true;
    }

    private bool VisitOffset(CowContext context, MmStruct mm, Folio folio, RmapWalk walk, long offset)
    {
        long page = folio.Index.ReadOnce() + offset;
        if (page < 0 || page >= _system.Config.Pages)
            return true;
        _system.Rcu.ReadLock();
        Vma? vma = mm.Lookup(page);
        bool enters = vma is not null && _stabilisation.EnterVma(context, mm, vma);
        _system.Rcu.ReadUnlock();
        if (!enters)
            return true;

        // Another VMA may be there, which has nothing to do with the folio.
        bool goesOn = OffsetOf(vma!) != offset || (walk.Visit(folio, vma!, page) && !walk.FoundAlone);
        _stabilisation.LeaveVma(context, vma!);
        return goesOn;
    }

    // Parents before their children.
    private CowContext? Next(CowContext at, CowContext top)
    {
        EnterStep();
        CowContext? next = FirstOf(at);
        for (CowContext up = at; next is null && up != top; up = up.Parent!)
            next = BehindOf(up);
        LeaveStep(at);
        return next;
    }

    // The top first, but below it children before their parents.
    private CowContext? NextChildrenFirst(CowContext at, CowContext top)
    {
        EnterStep();
        CowContext? next = at == top ? FirstOf(at) : BehindOf(at);
        while (next is not null && FirstOf(next) is { } child)
        {
            LetGoInStep(next);
            next = child;
        }

        if (next is null && at != top && at.Parent != top)
        {
            next = at.Parent!;
            if (!_stabilisation.WalksInRcu)
                next.Get();
        }

        LeaveStep(at);
        return next;
    }

    private void EnterStep()
    {
        if (!_stabilisation.WalksInRcu)
            _system.Rcu.ReadLock();
    }

    private void LeaveStep(CowContext left)
    {
        if (_stabilisation.WalksInRcu)
            return;
        _system.Rcu.ReadUnlock();
        CowContext.Put(left, _system.Rcu);
    }

    private void LetGoInStep(CowContext context)
    {
        if (!_stabilisation.WalksInRcu)
            CowContext.Put(context, _system.Rcu);
    }

    private CowContext? FirstOf(CowContext parent)
    {
        for (RcuListNode? node = parent.Children.First(); node is not null; node = parent.Children.Next(node))
        {
            if (MayVisit((CowContext)node.Owner))
                return (CowContext)node.Owner;
        }

        return null;
    }

    private CowContext? BehindOf(CowContext child)
    {
        CowContext parent = child.Parent!;
        for (RcuListNode? node = parent.Children.Next(child.Sibling); node is not null; node = parent.Children.Next(node))
        {
            if (MayVisit((CowContext)node.Owner))
                return (CowContext)node.Owner;
        }

        return null;
    }

    // One that nobody holds has no mm, no child and no folio.
    private bool MayVisit(CowContext context) => _stabilisation.WalksInRcu || context.TryGet();
}
