using RcuModel.Mm;

namespace RcuModel.Scenarios.AnonVmas;

/// <summary>A walk that goes on, whatever it meets.</summary>
internal sealed class Look : RmapWalk
{
    protected override bool One(Folio folio, Vma vma, long page) => true;
}
