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
        Broken("busted", "grace periods wait for nobody", static () => new RcuDomainOps(new SlowRcu.NoWaits())),
    ];

    /// <summary>The one tortured unless another is named.</summary>
    public static RcuTortureType Usual => All[0];

    private static RcuTortureType Sound(string name, string summary, Func<RcuTortureOps> create) =>
        new(name, summary, isBroken: false, create);

    private static RcuTortureType Broken(string name, string summary, Func<RcuTortureOps> create) =>
        new(name, summary, isBroken: true, create);
}
