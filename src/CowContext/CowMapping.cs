using RcuModel.Mm;

namespace RcuModel.CowContexts;

/// <summary>What folio->mapping is when the folio's context is in it: one word, so whoever reads it has the kind and the context.</summary>
public sealed class CowMapping : FolioMapping
{
    internal CowMapping(CowContext? context) => Context = context;

    /// <summary>The context; null if the folio has it in a word of its own. Kernel of the proposal: folio->cow_context.</summary>
    public CowContext? Context { get; }

    /// <inheritdoc/>
    public override bool IsAnon => true;

    /// <inheritdoc/>
    public override string ToString() => $"{Context}|anon";
}
