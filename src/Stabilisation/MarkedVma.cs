using RcuModel.CowContexts;
using RcuModel.Mm;

namespace RcuModel.Stabilisation;

/// <summary>
/// Whether a VMA that was found in the tree of an mm is one that was ever faulted, for who keeps out whoever forgets VMAs. One that is not
/// marked may be freed, and be another mm's by now; nothing of a folio is in it.
/// </summary>
internal static class MarkedVma
{
    public static VmaEntry Enter(MmStruct mm, Vma vma) =>

        // Acquire pairs with the release of the mark: the VMA is complete, and its memory this mm's unless it was freed before.
        vma.AnonVma.LoadAcquire() is not null && vma.Mm.ReadOnce() == mm ? VmaEntry.Entered : VmaEntry.PassedOver;
}
