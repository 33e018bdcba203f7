using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>A walk that notes where others see it that it has come to the first place.</summary>
internal sealed class BegunWalk : RmapWalk
{
    private Cell<bool> _begun;

    public BegunWalk(MmStruct owner) => _begun = new Cell<bool>(owner, false, "begun");

    /// <summary>Whether it has come there.</summary>
    public bool HasBegun => _begun.ReadOnce();

    protected override bool One(Folio folio, Vma vma, long page)
    {
        _begun.WriteOnce(true);
        return true;
    }
}
