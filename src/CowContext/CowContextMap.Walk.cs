using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// A folio that is mapped once and was found is nowhere else: its entry was seen under the lock of its page table, so nobody was copying
// it, and copies that are made later are of what the walker left there. That the folio is mapped once does not say so by itself: a
// child may have got the entry, and the parent have lost it, meanwhile.
//
// An mm maps a page of anonymous memory at one address at most, so where the folio was found in an mm no other address is looked at.
public sealed partial class CowContextMap
{
    /// <inheritdoc/>
    public void Walk(Folio folio, RmapWalk walk)
    {
        CowContext? top = Of(folio);
        if (top is null || (!walk.Held && !folio.IsMapped) || !_stabilisation.BeginWalk(top, walk))
            return;
        if (_readers is null)
            top.Get();
        else if (_stabilisation.IsReaderThroughout)
            _readers.ReadLock();
        walk.AsksWhetherAlone = !walk.Held;
        CowContext? at = top;
        if (_stabilisation.PlacesOf(walk) is { } places)
        {
            foreach (CowPlace place in places)
                VisitPlace(place.Context, place.Mm, folio, walk, place.Page - folio.Index.ReadOnce(), place.Page);
        }
        else
        {
            while (at is not null && VisitContext(at, folio, walk))
                at = Has(CowBugs.VisitsChildrenFirst) ? NextChildrenFirst(at, top) : Next(at, top);
        }

        if (_readers is null && at is not null)
            CowContext.Put(at, Readers);
        if (_readers is not null && _stabilisation.IsReaderThroughout)
            _readers.ReadUnlock();
        _stabilisation.EndWalk(top, walk);
    }

    // False to end the walk.
    private bool VisitContext(CowContext context, Folio folio, RmapWalk walk)
    {
        long index = folio.Index.ReadOnce();
        while (true)
        {
            if (_stabilisation.Enter(context, index, walk) is not { } mm)
                return !walk.Contended;
            int found = walk.Found;
            walk.Costs.Contexts++;
            bool goesOn = Visit(context, mm, folio, walk);
            if (walk.Found == found)
                walk.Costs.UselessContexts++;
            bool counts = _stabilisation.Leave(context, mm, index, walk);
            if (walk.Contended || walk.IsOver || walk.FoundAlone)
                return false;
            if (counts)
                return goesOn;
            walk.Costs.Retries++;
        }
    }

    private bool Visit(CowContext context, MmStruct mm, Folio folio, RmapWalk walk)
    {
        bool wasAlone = Has(CowBugs.StopsUnchecked) && !walk.Held && folio.MapCount.ReadOnce() == 1;
        int found = walk.Found;
        return VisitOffset(context, mm, folio, walk, 0)
            && !(wasAlone && folio.MapCount.ReadOnce() == 1)
            && (walk.Found > found || VisitRemaps(context, mm, folio, walk));
    }

    private bool VisitRemaps(CowContext context, MmStruct mm, Folio folio, RmapWalk walk)
    {
        EnterLookup();
        RemapEntry? entry = context.Remaps.Lookup(folio.Index.ReadOnce());
        walk.Costs.RemapLookups++;
        int count = entry?.Count ?? 0;

        // A copy, for walks may sleep between two offsets.
        Span<long> offsets = count <= 16 ? stackalloc long[count] : new long[count];
        for (int i = 0; i < count; i++)
            offsets[i] = entry![i];
        LeaveLookup();
        walk.Costs.Offsets += count;
        walk.Costs.OffsetsMax = Math.Max(walk.Costs.OffsetsMax, count);
        int found = walk.Found;
        foreach (long offset in offsets)
        {
            if (!VisitOffset(context, mm, folio, walk, offset))
                return false;
            if (walk.Found > found)
                break;
        }

        return true;
    }

    private bool VisitOffset(CowContext context, MmStruct mm, Folio folio, RmapWalk walk, long offset)
    {
        long page = folio.Index.ReadOnce() + offset;
        if (page < 0 || page >= _system.Config.Pages)
            return true;
        if (!_stabilisation.EnterPlace(context, mm, page, walk))
            return false;
        bool goesOn = VisitPlace(context, mm, folio, walk, offset, page);
        _stabilisation.LeavePlace(context, mm, page, walk);
        return goesOn;
    }

    private bool VisitPlace(CowContext context, MmStruct mm, Folio folio, RmapWalk walk, long offset, long page)
    {
        while (true)
        {
            EnterLookup();
            Vma? vma = mm.Lookup(page);
            VmaEntry entry = vma is null ? VmaEntry.PassedOver : _stabilisation.EnterVma(context, mm, vma, walk);
            LeaveLookup();
            if (entry == VmaEntry.PassedOver)
                return true;
            if (entry == VmaEntry.Entered)
            {
                // It may have given the address away before it was entered; and what has the address may have nothing to do with the folio.
                long start = vma!.Start.ReadOnce();
                bool isThere = !_stabilisation.KeepsRanges || (page >= start && page < vma.End.ReadOnce());
                bool goesOn = start - vma.PageOffset.ReadOnce() != offset || !isThere || (walk.Visit(folio, vma, page) && !walk.FoundAlone);
                _stabilisation.LeaveVma(context, vma, walk);
                if (isThere)
                    return goesOn;
            }

            if (!_stabilisation.AwaitVma(context, mm, walk))
                return false;
        }
    }

    // VMAs and nodes of trees go after a grace period of the machine's RCU.
    private void EnterLookup()
    {
        if (_readers != _system.Rcu)
            _system.Rcu.ReadLock();
    }

    private void LeaveLookup()
    {
        if (_readers != _system.Rcu)
            _system.Rcu.ReadUnlock();
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
            if (_readers is null)
                next.Get();
        }

        LeaveStep(at);
        return next;
    }

    private void EnterStep()
    {
        if (_readers is null)
            _system.Rcu.ReadLock();
    }

    private void LeaveStep(CowContext left)
    {
        if (_readers is not null)
            return;
        _system.Rcu.ReadUnlock();
        CowContext.Put(left, Readers);
    }

    private void LetGoInStep(CowContext context)
    {
        if (_readers is null)
            CowContext.Put(context, Readers);
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
    private bool MayVisit(CowContext context) => _readers is not null || context.TryGet();
}
