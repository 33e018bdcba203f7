using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// A folio that is mapped once and was found is nowhere else: its entry was seen under the lock of its page table, so nobody was copying
// it, and copies that are made later are of what the walker left there. That the folio is mapped once does not say so by itself: a
// child may have got the entry, and the parent have lost it, meanwhile.
//
// An mm maps a page of anonymous memory at one address at most, so where a folio of one page was found in an mm no other address is looked at.
public sealed partial class CowContextMap
{
    /// <inheritdoc/>
    public void Walk(Folio folio, RmapWalk walk)
    {
        CowContext? top = Of(folio);
        if (top is null || (!walk.Held && !folio.IsMapped) || !_stabilisation.BeginWalk(top, walk))
            return;
        BeginVisits(top);
        walk.AsksWhetherAlone = !walk.Held;
        walk.Pages = folio.Pages;
        CowContext? at = top;
        if (_stabilisation.PlacesOf(walk) is { } places)
        {
            foreach (CowPlace place in places)
                VisitPlaces(place.Context, place.Mm, folio, walk, place.Page + walk.FirstSub - folio.Index.ReadOnce(), place.Page + walk.FirstSub);
        }
        else
        {
            while (at is not null && VisitContext(at, folio, walk))
                at = Has(CowBugs.VisitsChildrenFirst) ? NextChildrenFirst(at, top) : Next(at, top);
        }

        EndVisits(at);
        _stabilisation.EndWalk(top, walk);
    }

    // Keeps contexts there while a walk goes from one to the next: as one reader of RCU from begin to end, or by holding the one where it stands.
    private void BeginVisits(CowContext top)
    {
        if (_readers is not null && _stabilisation.IsReaderThroughout)
            _readers.ReadLock();
        if (HoldsContexts)
            top.Get();
    }

    // The context where the walk stands, if it was ended before it had come to all.
    private void EndVisits(CowContext? at)
    {
        if (HoldsContexts && at is not null)
            CowContext.Put(at, Readers);
        if (_readers is not null && _stabilisation.IsReaderThroughout)
            _readers.ReadUnlock();
    }

    // False to end the walk.
    private bool VisitContext(CowContext context, Folio folio, RmapWalk walk)
    {
        long index = folio.Index.ReadOnce();
        while (true)
        {
            if (_stabilisation.Enter(context, index, walk) is not { } mm)
            {
                walk.Costs.PassedContexts++;
                return !walk.Contended;
            }

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
            && (HasAll(walk, found) || VisitRemaps(context, mm, folio, walk));
    }

    // What is found of a folio of one page is all that there is in an mm.
    private static bool HasAll(RmapWalk walk, int foundBefore) => walk.Pages == 1 && walk.Found > foundBefore;

    private bool VisitRemaps(CowContext context, MmStruct mm, Folio folio, RmapWalk walk)
    {
        if (walk.Pages > 1)
            return VisitRemapsOfMany(context, mm, folio, walk);
        EnterLookup();
        long index = folio.Index.ReadOnce();
        RemapEntry? entry = context.Remaps.Lookup(index);
        walk.Costs.RemapLookups++;
        int count = entry?.Count ?? 0;

        // A copy, for walks may sleep between two offsets. A reader of RCU that gets no memory for it cannot wait for some.
        bool fits = count <= OffsetsOnStack;
        bool collects = fits || _system.MayAllocate();
        if (!collects && Has(CowBugs.CollectsWhatFits))
            (fits, collects, count) = (true, true, OffsetsOnStack);
        Span<long> offsets = fits ? stackalloc long[count] : new long[collects ? count : 0];
        for (int i = 0; i < offsets.Length; i++)
            offsets[i] = entry![i];
        LeaveLookup();
        return collects ? VisitOffsets(context, mm, folio, walk, offsets) : VisitOneByOne(context, mm, folio, walk, index);
    }

    /// <summary>The same for a large folio, whose pages may have been moved to different places: each place is looked at once for all of them.</summary>
    private bool VisitRemapsOfMany(CowContext context, MmStruct mm, Folio folio, RmapWalk walk)
    {
        long first = folio.Index.ReadOnce();
        if (!_system.MayAllocate())
            return VisitOneByOne(context, mm, folio, walk, first);
        var offsets = new SortedSet<long>();
        EnterLookup();
        context.Remaps.CollectOffsets(first, first + walk.Pages - 1, offsets);
        walk.Costs.RemapLookups++;
        LeaveLookup();
        return VisitOffsets(context, mm, folio, walk, offsets.ToArray());
    }

    private bool VisitOffsets(CowContext context, MmStruct mm, Folio folio, RmapWalk walk, ReadOnlySpan<long> offsets)
    {
        int count = offsets.Length;
        walk.Costs.Offsets += count;
        walk.Costs.OffsetsMax = Math.Max(walk.Costs.OffsetsMax, count);
        int found = walk.Found;
        foreach (long offset in offsets)
        {
            if (!VisitOffset(context, mm, folio, walk, offset))
                return false;
            if (HasAll(walk, found))
                break;
        }

        return true;
    }

    // Without memory: each look-up gives the offset above the last. What is added meanwhile may be seen too, which does no harm.
    private bool VisitOneByOne(CowContext context, MmStruct mm, Folio folio, RmapWalk walk, long index)
    {
        Execution.Reached("collected no offsets for lack of memory");
        long last = long.MinValue;
        while (NextOffset(context, index, last, walk) is { } offset)
        {
            walk.Costs.Offsets++;
            if (!VisitOffset(context, mm, folio, walk, offset))
                return false;
            last = offset;
        }

        return true;
    }

    private long? NextOffset(CowContext context, long index, long above, RmapWalk walk)
    {
        EnterLookup();
        long? next = context.Remaps.NextOffset(index, index + walk.Pages - 1, above);
        walk.Costs.RemapLookups++;
        LeaveLookup();
        return next;
    }

    private bool VisitOffset(CowContext context, MmStruct mm, Folio folio, RmapWalk walk, long offset)
    {
        long page = folio.Index.ReadOnce() + offset;
        if (page + walk.Pages <= 0 || page >= _system.Config.Pages)
            return true;
        if (!_stabilisation.EnterPlace(context, mm, page, walk))
            return false;
        bool goesOn = VisitPlaces(context, mm, folio, walk, offset, page);
        _stabilisation.LeavePlace(context, mm, page, walk);
        return goesOn;
    }

    // A large folio may lie in several VMAs.
    private bool VisitPlaces(CowContext context, MmStruct mm, Folio folio, RmapWalk walk, long offset, long page)
    {
        if (walk.Pages == 1)
            return VisitPlace(context, mm, folio, walk, offset, ref page, page + 1);
        long end = Math.Min(page + walk.Pages, _system.Config.Pages);
        page = Math.Max(page, 0);
        bool goesOn = true;
        while (goesOn && page < end)
            goesOn = VisitPlace(context, mm, folio, walk, offset, ref page, end);
        return goesOn;
    }

    // Goes on behind the VMA that it has found.
    private bool VisitPlace(CowContext context, MmStruct mm, Folio folio, RmapWalk walk, long offset, ref long page, long end)
    {
        while (true)
        {
            EnterLookup();
            Vma? vma = page + 1 == end ? mm.Lookup(page) : mm.FindBefore(page, end);
            walk.Costs.VmaLookups++;
            VmaEntry entry = vma is null ? VmaEntry.PassedOver : _stabilisation.EnterVma(context, mm, vma, walk);
            LeaveLookup();
            if (entry == VmaEntry.PassedOver)
            {
                page = vma is null || walk.Pages == 1 ? end : Math.Max(page + 1, vma.End.ReadOnce());
                return true;
            }

            if (entry == VmaEntry.Entered)
            {
                long start = vma!.Start.ReadOnce();
                bool isThere = !_stabilisation.KeepsRanges || HasStill(mm, vma, start, page, end);
                bool goesOn = !isThere || VisitVma(folio, walk, vma, start, offset, ref page, end);
                _stabilisation.LeaveVma(context, vma, walk);
                if (isThere)
                    return goesOn;
            }

            if (!_stabilisation.AwaitVma(context, mm, walk))
                return false;
        }
    }

    // A VMA may have given the address away before it was entered. If it begins behind that, nothing else may be there.
    private bool HasStill(MmStruct mm, Vma vma, long start, long page, long end)
    {
        if (start <= page)
            return page < vma.End.ReadOnce();
        if (start >= end)
            return false;
        _system.Rcu.ReadLock();
        bool isFirst = mm.FindBefore(page, end) == vma;
        _system.Rcu.ReadUnlock();
        return isFirst;
    }

    private static bool VisitVma(Folio folio, RmapWalk walk, Vma vma, long vmaStart, long offset, ref long page, long end)
    {
        long start = page;
        page = end;
        if (walk.Pages > 1)
        {
            start = Math.Max(start, vmaStart);
            page = Math.Max(start + 1, Math.Min(end, vma.End.ReadOnce()));
        }

        // Another VMA may be there, which has nothing to do with the folio.
        return vmaStart - vma.AnonOffset != offset || (walk.Visit(folio, vma, start, page - start) && !walk.FoundAlone);
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
            if (HoldsContexts)
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
        if (_readers is null)
            _system.Rcu.ReadUnlock();
        LetGoInStep(left);
    }

    private void LetGoInStep(CowContext context)
    {
        if (HoldsContexts)
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
    private bool MayVisit(CowContext context) => !HoldsContexts || context.TryGet();

    // Who is a reader from begin to end need not.
    private bool HoldsContexts => _readers is null && !Has(CowBugs.WalkHoldsNothing);

    // Few where every interleaving is tried, so that a few moves come to the end of it.
    private int OffsetsOnStack => _system.Config.Grain == Grain.Locks ? 2 : 16;
}
