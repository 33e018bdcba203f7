using RcuModel.CowContexts;

namespace RcuModel.Stabilisation;

/// <summary>All alternatives, from the one that does nothing to the one that does most.</summary>
public static class Stabilisations
{
    private static readonly IReadOnlyList<Func<IStabilisation>> s_all =
    [
        static () => new Unstabilised(),
        static () => new TypesafeRecheck(),
        static () => new MigrationPairs(),
        static () => new NotifyOutside(),
        static () => new WalkerCount(),
        static () => new ContextSrcu(),
        static () => new VmaReadLock(),
        static () => new AddressRangeLock(),
        static () => new IndexRangeLock(),
        static () => new OptimisticWalk(),
        static () => new SrcuChanges(),
        static () => new MmLock(),
        static () => new RootLock(),
    ];

    /// <summary>What makes each; one object for each machine.</summary>
    public static IReadOnlyList<Func<IStabilisation>> All => s_all;
}
