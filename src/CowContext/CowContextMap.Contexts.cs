using RcuModel.Mm;

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
        _stabilisation.BeginChange(ofParent, CowChange.Fork, null);
        if (!Has(CowBugs.PublishesLate))
            context.Publish();
    }

    /// <inheritdoc/>
    public void ForkEnds(MmStruct child, MmStruct parent)
    {
        if (Has(CowBugs.PublishesLate))
            Of(child)!.Publish();
        _stabilisation.EndChange(Of(parent)!, CowChange.Fork, null);
    }

    /// <inheritdoc/>
    public void MmEmptied(MmStruct mm)
    {
        CowContext context = Of(mm)!;
        _stabilisation.BeginChange(context, CowChange.Exit, null);
        context.Mm = null;
        _stabilisation.EndChange(context, CowChange.Exit, null);
    }

    /// <inheritdoc/>
    public void MmGone(MmStruct mm)
    {
        CowContext context = Of(mm)!;
        mm.ReverseMapState.WriteOnce(null);
        CowContext.Put(context, _system.Rcu);
        if (KeepsMms)
            _system.Rcu.Call(mm.VmaLocks.Drop);
    }

    // Who walks as a reader of RCU may have read the pointer to an mm before that was taken away.
    private bool KeepsMms => _stabilisation.WalksInRcu && !Has(CowBugs.MmFreedAtOnce);
}
