namespace RcuModel.CowContexts;

/// <summary>What happens to an address space that a walker may be in, and where.</summary>
/// <param name="Kind">What.</param>
/// <param name="Context">The context of the address space.</param>
/// <param name="Indices">Where, by the index of folios.</param>
/// <param name="Pages">Where, by address.</param>
public sealed record CowChange(CowChangeKind Kind, CowContext Context, CowRange Indices, CowRange Pages)
{
    /// <summary>Of a fork, the context of the child, which nobody has found yet.</summary>
    public CowContext? Child { get; init; }

    /// <summary>Of a move, where the pages go; apart from <see cref="Pages"/>, or the same.</summary>
    public CowRange? Target { get; init; }
}
