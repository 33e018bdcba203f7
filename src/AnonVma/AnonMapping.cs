using RcuModel.Mm;

namespace RcuModel.AnonVmas;

/// <summary>What folio->mapping is when it points to an anon_vma.</summary>
public sealed class AnonMapping : FolioMapping
{
    internal AnonMapping(AnonVma anonVma, bool isTagged) => (AnonVma, IsAnon) = (anonVma, isTagged);

    /// <summary>The anon_vma. Kernel: folio_anon_vma().</summary>
    public AnonVma AnonVma { get; }

    /// <summary>Whether the low bit is set; without it the pointer is taken for one to an address_space.</summary>
    public override bool IsAnon { get; }

    /// <inheritdoc/>
    public override string ToString() => IsAnon ? $"{AnonVma}|anon" : $"{AnonVma}";
}
