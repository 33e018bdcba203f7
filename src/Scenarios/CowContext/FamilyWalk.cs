using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>A walk that may come to no VMA but those of one mm.</summary>
/// <param name="mm">The mm.</param>
internal sealed class FamilyWalk(MmStruct mm) : RmapWalk
{
    protected override bool One(Folio folio, Vma vma, long page)
    {
        Execution.Assert(vma.Mm.ReadOnce() == mm, "a walk visits VMAs of the folio's family only");
        return true;
    }
}
