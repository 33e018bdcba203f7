using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// Hazard H32. Who shares a page that KSM has merged is known by mm and address. Memory that is shared does not move, so it is at the same
// address, with the same index, in all that were forked from the mm since.
public sealed partial class CowContextMap
{
    /// <inheritdoc/>
    public SharedObject HoldShared(Vma vma)
    {
        CowContext context = ContextOf(vma);
        context.Get();
        return context;
    }

    /// <inheritdoc/>
    public void WalkShared(SharedObject held, MmStruct mm, long page, long index, bool inForks, Folio folio, RmapWalk walk)
    {
        var top = (CowContext)held;
        if (inForks || !_stabilisation.BeginWalk(top, walk))
            return;
        BeginVisits(top);

        // That the folio is mapped once and was found says that all is done, but the walk itself knows that.
        walk.AsksWhetherAlone = false;
        walk.Pages = 1;
        CowContext? at = top;
        while (at is not null && VisitShared(at, page, index, folio, walk) && !Has(CowBugs.SharedStaysInMm))
            at = Next(at, top);
        EndVisits(at);
        _stabilisation.EndWalk(top, walk);
    }

    /// <inheritdoc/>
    public bool CouldFind(Folio folio, Vma vma, long page)
    {
        // The proposal's first code, which makes the mistake, does not ask.
        return Has(CowBugs.SwapInToFaulting)
            || (Of(folio) is { } context && context.IsSelfOrAncestorOf(ContextOf(vma)) && folio.Index.ReadOnce() == vma.AnonIndexOf(page));
    }

    // False to end the walk.
    private bool VisitShared(CowContext context, long page, long index, Folio folio, RmapWalk walk)
    {
        while (true)
        {
            if (_stabilisation.Enter(context, index, walk) is not { } mm)
                return !walk.Contended;
            walk.Costs.Contexts++;
            bool goesOn = _stabilisation.EnterPlace(context, mm, page, walk);
            if (goesOn)
            {
                long at = page;
                goesOn = VisitPlace(context, mm, folio, walk, page - index, ref at, page + 1);
                _stabilisation.LeavePlace(context, mm, page, walk);
            }

            bool counts = _stabilisation.Leave(context, mm, index, walk);
            if (walk.Contended || walk.IsOver)
                return false;
            if (counts)
                return goesOn;
            walk.Costs.Retries++;
        }
    }
}
