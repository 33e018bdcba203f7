using RcuModel.Primitives;
using RcuModel.Torture.Rcu.Broken;

namespace RcuModel.Torture.Rcu;

/// <summary>All that can be tortured as RCU is.</summary>
public static class RcuTortureTypes
{
    /// <summary>The sound ones first.</summary>
    public static IReadOnlyList<RcuTortureType> All { get; } =
    [
        Sound("rcu-memb", "readers without a barrier", static () => new RcuDomainOps(new RcuMemb())),
        Sound("rcu-mb", "readers with a barrier", static () => new RcuDomainOps(new RcuMb())),
        Sound("rcu-qsbr", "readers say when they are not", static () => new RcuDomainOps(new RcuQsbr())),
        Sound("rcu-slow", "readers that take their time to enter", static () => new RcuDomainOps(new SlowRcu())),
        Sound("srcu", "readers that sleep", static () => new SrcuOps(new Srcu())),
        Broken("busted", "grace periods wait for nobody", static () => new RcuDomainOps(new SlowRcu.NoWaits())),
        Broken("busted-flip", "one flip and one wait", static () => new RcuDomainOps(new SlowRcu.NoFirstWait())),
        Broken("busted-wait", "no wait after the flip", static () => new RcuDomainOps(new SlowRcu.NoSecondWait())),
        Broken("busted-qsbr", "threads read while offline", static () => new BrokenOps.ReadsOffline()),
        Broken("busted-srcu", "waits for one index only", static () => new SrcuOps(new BrokenSrcu.NoSecondScan())),
        Broken("busted-srcu-sums", "locks are summed before unlocks", static () => new SrcuOps(new BrokenSrcu.LocksFirst())),
        Broken("busted-srcud", "a section goes on under another flavour", static () => new ExtendedByAnother()),
        Broken("busted-poll", "polls for what has ended", static () => new BrokenOps.PollsThePast()),
        Broken("busted-callback", "callbacks without a grace period", static () => new BrokenOps.CallbacksTooEarly()),
        Broken("busted-order", "callbacks overtake each other", static () => new BrokenOps.Overtaking()),
        Broken("busted-flood", "callbacks pile up without bound", static () => new OneByOne()),
        Broken("busted-barrier", "a barrier that does not wait", static () => new BrokenOps.NoBarrier()),
        Broken("busted-assign", "published before it is complete", static () => new BrokenOps.PublishesEarly()),
        Broken("leaking", "readers use the pointer beyond their section", static () => new BrokenOps.Leaking()),
    ];

    /// <summary>The one tortured unless another is named.</summary>
    public static RcuTortureType Usual => All[0];

    private static RcuTortureType Sound(string name, string summary, Func<RcuTortureOps> create) =>
        new(name, summary, isBroken: false, create);

    private static RcuTortureType Broken(string name, string summary, Func<RcuTortureOps> create) =>
        new(name, summary, isBroken: true, create);
}
