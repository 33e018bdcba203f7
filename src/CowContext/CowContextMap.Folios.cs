using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// A folio's context is that of an mm above all those that map it, or of the one that does. A child copies only what its parent maps,
// so that stays so by itself; it is for a folio that comes back from swap, where only entries of many mms know it, to be given to
// one above all of these.
public sealed partial class CowContextMap
{
    private static readonly CowMapping s_withoutContext = new(null);

    /// <inheritdoc/>
    public void SetAnon(Folio folio, Vma vma, long page, bool exclusive)
    {
        CowContext context = ContextOf(vma);

        // Of all ancestors only the first is above everybody who may have it.
        if (!exclusive && !Has(CowBugs.SwapInToFaulting))
            context = context.Root;
        context.Get();
        folio.Index.WriteOnce(vma.AnonIndexOf(page));
        SetContext(folio, context);
    }

    /// <inheritdoc/>
    public void MoveAnon(Folio folio, Vma vma)
    {
        CowContext? before = Of(folio);
        CowContext context = ContextOf(vma);
        Execution.Assert(before is not null, HasContext);
        if (before == context)
            return;
        context.Get();
        SetContext(folio, context);
        CowContext.Put(before, Readers);
    }

    /// <inheritdoc/>
    public void CheckAnon(Folio folio, Vma vma, long page)
    {
        CowContext? context = Of(folio);
        Execution.Assert(context is not null, HasContext);
        Execution.Assert(context.References > 0, "the context of a mapped folio is held");
        Execution.Assert(
            context.IsSelfOrAncestorOf(ContextOf(vma)), "a folio is mapped only by the mm of its context and by descendants of that");
        Execution.Assert(folio.Index.ReadOnce() == vma.AnonIndexOf(page), "a folio is mapped only where its index says");
    }

    /// <inheritdoc/>
    public void FolioFreed(Folio folio)
    {
        if (Of(folio) is not { } context)
            return;
        if (!_isBeside)
            folio.Mapping.WriteOnce(null);
        folio.Context.WriteOnce(null);
        CowContext.Put(context, Readers);
    }

    /// <inheritdoc/>
    public void FolioReplaced(Folio folio, Folio by)
    {
        if (Of(folio) is not { } context)
            return;
        context.Get();
        by.Index.WriteOnce(folio.Index.ReadOnce());
        SetContext(by, context);
    }

    /// <inheritdoc/>
    public SharedObject? Hold(Folio folio)
    {
        // The folio holds it while it is locked.
        CowContext? context = Of(folio);
        context?.Get();
        return context;
    }

    /// <inheritdoc/>
    public void LetGo(SharedObject held) => CowContext.Put((CowContext)held, Readers);

    // One store, so that who reads it without a lock sees that the folio is anonymous and where, or neither.
    private void SetContext(Folio folio, CowContext context)
    {
        if (!_isBeside)
            folio.Mapping.WriteOnce(Has(CowBugs.MappingInTwoWords) ? s_withoutContext : context.Mapping);
        if (_isBeside || Has(CowBugs.MappingInTwoWords))
            folio.Context.WriteOnce(context);
    }
}
