using RcuModel.Mm;

namespace RcuModel.CowContexts;

/// <summary>A closed range, of indices of folios or of pages.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public readonly record struct CowRange(long First, long Last)
{
    /// <summary>Everything.</summary>
    public static CowRange All { get; } = new(0, long.MaxValue);

    /// <summary>The indices that the folios of a VMA have; for who keeps its range still.</summary>
    /// <param name="vma">The VMA.</param>
    public static CowRange IndicesOf(Vma vma) => new(vma.AnonOffset, vma.AnonOffset + vma.Pages - 1);

    /// <summary>The pages of a VMA; for who keeps its range still.</summary>
    /// <param name="vma">The VMA.</param>
    public static CowRange PagesOf(Vma vma) => new(vma.Start.ReadOnce(), vma.End.ReadOnce() - 1);

    /// <summary>Whether it has something in common with another.</summary>
    /// <param name="other">The other.</param>
    public bool Overlaps(CowRange other) => First <= other.Last && other.First <= Last;

    /// <summary>The smallest range that has both in it.</summary>
    /// <param name="other">The other.</param>
    public CowRange Around(CowRange other) => new(Math.Min(First, other.First), Math.Max(Last, other.Last));
}
