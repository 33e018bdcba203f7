using RcuModel.Mm;

namespace RcuModel.CowContexts;

// Hazards H49 and H50. What concerns all that an address space has is one change to its context: there is one lock to be taken, or one grace
// period to be waited for, where today's design has a root for each mapping that was made apart. And a walk finds address spaces, not processes: so
// processes are looked for behind it, with references to what was found, since the list of processes has readers that may not sleep and a walk may.
public sealed partial class CowContextMap
{
    /// <inheritdoc/>
    public void LockAll(MmStruct mm) => BeginChange(new CowChange(CowChangeKind.Register, Of(mm)!, CowRange.All, CowRange.All));

    /// <inheritdoc/>
    public void UnlockAll(MmStruct mm) => EndChange(Of(mm)!);

    /// <inheritdoc/>
    public void Collect(Folio folio, CollectWalk walk)
    {
        bool inReader = Has(CowBugs.CollectsInReader);
        if (inReader)
            _system.Rcu.ReadLock();
        Walk(folio, walk);
        if (inReader)
            _system.Rcu.ReadUnlock();
        walk.KeepProcesses();
    }
}
