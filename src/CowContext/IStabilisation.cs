using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

/// <summary>
/// What keeps still, while somebody walks the reverse map, that which he walks over: contexts, mms, VMAs and page tables. The proposal
/// leaves it open. One object for each machine.
/// </summary>
/// <remarks>
/// A walk calls, in this order: <see cref="BeginWalk"/>; for each context <see cref="Enter"/>; in it for each VMA that may be the
/// right one <see cref="EnterVma"/>, the work on the page table, and <see cref="LeaveVma"/>; <see cref="Leave"/>; and at last
/// <see cref="EndWalk"/>. Who changes an address space calls <see cref="BeginChange"/> and <see cref="EndChange"/> around that, with
/// its mmap lock held.
/// </remarks>
public interface IStabilisation
{
    /// <summary>What the command line calls it.</summary>
    string Name { get; }

    /// <summary>
    /// Whether a whole walk is one reader of RCU, which may not sleep. Otherwise only the steps from one context to the next are such
    /// readers, and the walk holds the context where it is.
    /// </summary>
    bool WalksInRcu { get; }

    /// <summary>Makes what it keeps for a context; null if nothing.</summary>
    /// <param name="context">The context, which is being made.</param>
    /// <param name="grain">What its locks are to be made of.</param>
    object? StateOf(CowContext context, Grain grain);

    /// <summary>A walk begins. False if it gives up rather than wait, and then it has not begun.</summary>
    /// <param name="top">The context of the folio, which the folio holds.</param>
    /// <param name="walk">The walk.</param>
    bool BeginWalk(CowContext top, RmapWalk walk);

    /// <summary>It ends.</summary>
    /// <param name="top">The context of the folio.</param>
    void EndWalk(CowContext top);

    /// <summary>A walk comes to a context. Gives the mm, which can be looked at until <see cref="Leave"/>; null to pass it over.</summary>
    /// <param name="context">The context.</param>
    MmStruct? Enter(CowContext context);

    /// <summary>It goes on.</summary>
    /// <param name="context">The context.</param>
    /// <param name="mm">What <see cref="Enter"/> gave.</param>
    void Leave(CowContext context, MmStruct mm);

    /// <summary>
    /// A walk has found a VMA, and wants its range and then its page table to be what they are until <see cref="LeaveVma"/>. False to
    /// pass it over.
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="mm">Its mm.</param>
    /// <param name="vma">The VMA, as found in the tree of the mm.</param>
    bool EnterVma(CowContext context, MmStruct mm, Vma vma);

    /// <summary>It is done with the VMA.</summary>
    /// <param name="context">The context.</param>
    /// <param name="vma">The VMA.</param>
    void LeaveVma(CowContext context, Vma vma);

    /// <summary>An address space is about to change. May sleep.</summary>
    /// <param name="context">Its context.</param>
    /// <param name="change">How.</param>
    /// <param name="vma">The VMA that changes, if it is one.</param>
    void BeginChange(CowContext context, CowChange change, Vma? vma);

    /// <summary>It has changed.</summary>
    /// <param name="context">Its context.</param>
    /// <param name="change">How.</param>
    /// <param name="vma">The VMA that has changed, if it is one.</param>
    void EndChange(CowContext context, CowChange change, Vma? vma);
}
