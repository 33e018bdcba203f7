using RcuModel.Primitives;
using RcuModel.Torture.Ranges.Broken;

namespace RcuModel.Torture.Ranges;

/// <summary>All locks of ranges that can be tortured.</summary>
public static class RangeTortureTypes
{
    /// <summary>The sound ones first.</summary>
    public static IReadOnlyList<RangeTortureType> All { get; } =
    [
        Sound("range_spec", "the lock at lock grain", static () => new RangeLockOps(new SpecRangeLock())),
        Sound("range_tree", "an interval tree with counts of who is in the way", static () => new RangeLockOps(new TreeRangeLock())),
        Sound("range_list", "a list without locks", static () => new RangeLockOps(new ListRangeLock())),
        Sound("range_slots", "a few slots, and the full range when they are taken", static () => new RangeLockOps(new SlotRangeLock(slots: 4))),
        Sound("range_hashed", "an array of semaphores by block", static () => new RangeLockOps(new HashedRangeLock(locks: 8, blockShift: 2))),
        Sound("range_announce", "writers announce their ranges", static () => new RangeLockOps(new AnnounceRangeLock())),
        Sound("range_rwsem", "one read-write semaphore for all ranges", static () => new RwsemRangeOps()),
        Broken("range_busted", "no lock at all", static () => new NoRangeLock()),
        Broken("range_busted_try", "a try is refused though all is free", static () => new BrokenRangeOps.RefusesTries()),
        Broken("range_busted_last", "the last index is not in the range", static () => new BrokenRangeOps.ForgetsLast()),
        Broken(
            "range_busted_downgrade", "a downgrade lets a writer in", static () => new BrokenRangeOps.GivenUpOnDowngrade()),
        Broken(
            "range_busted_interrupt", "who gives up waiting is inside", static () => new BrokenRangeOps.InterruptedIsInside()),
    ];

    /// <summary>The one tortured unless another is named.</summary>
    public static RangeTortureType Usual => All[0];

    private static RangeTortureType Sound(string name, string summary, Func<RangeTortureOps> create) =>
        new(name, summary, isBroken: false, create);

    private static RangeTortureType Broken(string name, string summary, Func<RangeTortureOps> create) =>
        new(name, summary, isBroken: true, create);
}
