using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// A child's context is found before any entry is copied for the child, and whoever walks visits a parent before its children. So a
// walker that has passed the parent's entry, and changed it, has the change copied; and one that has not will come to the copy.
public sealed partial class CowContextMap
{
    /// <inheritdoc/>
    public bool MmCreated(MmStruct mm)
    {
        if (!_system.MayAllocate())
            return false;
        mm.ReverseMapState.WriteOnce(new CowContext(mm, _stabilisation, _bugs));
        if (KeepsMms)
            mm.VmaLocks.Grab();
        return true;
    }

    /// <inheritdoc/>
    public void ForkBegins(MmStruct child, MmStruct parent)
    {
        CowContext context = Of(child)!;
        CowContext ofParent = Of(parent)!;
        context.SetParent(ofParent);

        // Somebody who has a VMA locked, and waits for a folio in it, must not keep a walker waiting that has the folio locked.
        foreach (Vma vma in parent.AllVmas)
            vma.Lock.StartWrite();
        BeginChange(new CowChange(CowChangeKind.Fork, ofParent, CowRange.All, CowRange.All) { Child = context });
        if (!Has(CowBugs.PublishesLate))
            context.Publish();
    }

    /// <inheritdoc/>
    public void ForkEnds(MmStruct child, MmStruct parent)
    {
        if (Has(CowBugs.PublishesLate))
            Of(child)!.Publish();
        if (Has(CowBugs.ForkRecordsLate))
        {
            foreach (Vma vma in child.AllVmas)
                Record(vma);
        }

        EndChange(Of(parent)!);
    }

    /// <inheritdoc/>
    public void MmEmptied(MmStruct mm)
    {
        CowContext context = Of(mm)!;
        BeginChange(new CowChange(CowChangeKind.Exit, context, CowRange.All, CowRange.All));
        context.Mm = null;
        EndChange(context);
    }

    /// <inheritdoc/>
    public void MmGone(MmStruct mm)
    {
        CowContext context = Of(mm)!;
        CowContext.Put(context, Readers);

        // Release: who waits for the end of the mm finds all done.
        mm.ReverseMapState.StoreRelease(null);
        if (KeepsMms)
            Readers.Call(mm.VmaLocks.Drop);
    }

    private void BeginChange(CowChange change)
    {
        Execution.Assert(change.Context.Change is null, "one change of an address space is under way at a time");
        change.Context.Change = change;
        _stabilisation.BeginChange(change);
    }

    private void EndChange(CowContext context)
    {
        CowChange change = context.Change!;
        context.Change = null;
        _stabilisation.EndChange(change);
    }

    // Who walks as a reader of RCU may have read the pointer to an mm before that was taken away.
    private bool KeepsMms => _readers is not null && !Has(CowBugs.MmFreedAtOnce);
}
