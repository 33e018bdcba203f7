using RcuModel.Mm;

namespace RcuModel.AnonVmas;

/// <summary>What folio->mapping is when it points to the VMA that faulted the folio in, which was of no fork then.</summary>
public sealed class VmaMapping : FolioMapping
{
    internal VmaMapping(Vma vma) => Vma = vma;

    /// <summary>The VMA; its memory may be another one's by now.</summary>
    public Vma Vma { get; }

    /// <inheritdoc/>
    public override bool IsAnon => true;

    /// <inheritdoc/>
    public override string ToString() => "vma|anon";
}
