using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

/// <summary>
/// What keeps still, while somebody walks the reverse map, that which he walks over: contexts, mms, VMAs and page tables. The proposal
/// leaves it open. One object for each machine.
/// </summary>
/// <remarks>
/// <para>A walk calls, in this order: <see cref="BeginWalk"/>; for each context <see cref="Enter"/>; in it for each address
/// <see cref="EnterPlace"/>, and if a VMA is there <see cref="EnterVma"/>, the work on the page table, and <see cref="LeaveVma"/>;
/// <see cref="LeavePlace"/>; at last <see cref="Leave"/>, which may say that the visit does not count; and <see cref="EndWalk"/>. What it
/// wants to remember of a walk it keeps in <see cref="RmapWalk.Kept"/>.</para>
/// <para>Who changes an address space calls <see cref="BeginChange"/> and <see cref="EndChange"/> around that, with the same object, with
/// its mmap lock held, and with the VMAs that change locked. One change of an address space is under way at a time.</para>
/// <para>What only some alternatives need does nothing unless they say otherwise.</para>
/// </remarks>
public interface IStabilisation
{
    /// <summary>What the command line calls it.</summary>
    string Name { get; }

    /// <summary>When it needs the memory of page tables to go back.</summary>
    TableFreeing Tables => TableFreeing.AtOnce;

    /// <summary>
    /// Whether a VMA that was entered has a range that stays, so that the design looks whether the address is in it. Where nothing is kept still
    /// that says nothing, and the work on the page table finds out.
    /// </summary>
    bool KeepsRanges => true;

    /// <summary>
    /// Whether a whole walk is a reader of what <see cref="ReadersOf"/> gives. False if that is the machine's RCU and the alternative begins and
    /// ends readers itself, from <see cref="BeginWalk"/> to <see cref="EndWalk"/>: wherever it keeps what it stands on in another way it need be
    /// none, and may sleep. Between <see cref="EnterVma"/> and <see cref="LeaveVma"/> is such a place.
    /// </summary>
    bool IsReaderThroughout => true;

    /// <summary>
    /// The RCU of which a whole walk is one reader: contexts and the memory of mms go after a grace period of it. Null if only the steps
    /// from one context to the next are readers, of the machine's RCU, and the walk holds the context where it is. Asked once.
    /// </summary>
    /// <param name="system">The machine.</param>
    GrainRcu? ReadersOf(MmSystem system);

    /// <summary>Makes what it keeps for a context; null if nothing.</summary>
    /// <param name="context">The context, which is being made.</param>
    /// <param name="grain">What its locks are to be made of.</param>
    object? StateOf(CowContext context, Grain grain);

    /// <summary>A walk begins. False if it gives up rather than wait, and then it has not begun.</summary>
    /// <param name="top">The context of the folio, which the folio holds.</param>
    /// <param name="walk">The walk.</param>
    bool BeginWalk(CowContext top, RmapWalk walk) => true;

    /// <summary>It ends.</summary>
    /// <param name="top">The context of the folio.</param>
    /// <param name="walk">The walk.</param>
    void EndWalk(CowContext top, RmapWalk walk)
    {
    }

    /// <summary>Where a walk that has begun is to look, and nowhere else; null for wherever the folio may be.</summary>
    /// <param name="walk">The walk.</param>
    IReadOnlyList<CowPlace>? PlacesOf(RmapWalk walk) => null;

    /// <summary>
    /// A walk comes to a context. Gives the mm, which can be looked at until <see cref="Leave"/>; null to pass it over, or to end the walk
    /// if that gave up.
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="index">The index of the folio.</param>
    /// <param name="walk">The walk.</param>
    MmStruct? Enter(CowContext context, long index, RmapWalk walk);

    /// <summary>It goes on. False if something may have been missed, so that the context must be entered again.</summary>
    /// <param name="context">The context.</param>
    /// <param name="mm">What <see cref="Enter"/> gave.</param>
    /// <param name="index">The index of the folio.</param>
    /// <param name="walk">The walk.</param>
    bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk) => true;

    /// <summary>A walk looks at an address. May sleep. False to end the walk, which gave up.</summary>
    /// <param name="context">The context.</param>
    /// <param name="mm">Its mm.</param>
    /// <param name="page">The address.</param>
    /// <param name="walk">The walk.</param>
    bool EnterPlace(CowContext context, MmStruct mm, long page, RmapWalk walk) => true;

    /// <summary>It is done with the address.</summary>
    /// <param name="context">The context.</param>
    /// <param name="mm">Its mm.</param>
    /// <param name="page">The address.</param>
    /// <param name="walk">The walk.</param>
    void LeavePlace(CowContext context, MmStruct mm, long page, RmapWalk walk)
    {
    }

    /// <summary>
    /// A walk has found a VMA, and wants its range and then its page table to be what they are until <see cref="LeaveVma"/>. It is a reader
    /// of the machine's RCU and may not sleep.
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="mm">Its mm.</param>
    /// <param name="vma">The VMA, as found in the tree of the mm.</param>
    /// <param name="walk">The walk.</param>
    VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk);

    /// <summary>It is done with the VMA.</summary>
    /// <param name="context">The context.</param>
    /// <param name="vma">The VMA.</param>
    /// <param name="walk">The walk.</param>
    void LeaveVma(CowContext context, Vma vma, RmapWalk walk)
    {
    }

    /// <summary>A VMA was busy: waits until it may be had. May sleep. False to end the walk, which gave up, or the visit, which then does not count.</summary>
    /// <param name="context">The context.</param>
    /// <param name="mm">Its mm.</param>
    /// <param name="walk">The walk.</param>
    bool AwaitVma(CowContext context, MmStruct mm, RmapWalk walk) => true;

    /// <summary>An address space is about to change. May sleep.</summary>
    /// <param name="change">How.</param>
    void BeginChange(CowChange change)
    {
    }

    /// <summary>It has changed.</summary>
    /// <param name="change">How.</param>
    void EndChange(CowChange change)
    {
    }
}
