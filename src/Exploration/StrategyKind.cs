namespace RcuModel.Exploration;

/// <summary>How interleavings are chosen.</summary>
public enum StrategyKind
{
    /// <summary>Optimal partial-order reduction: exhaustive, one execution of each class.</summary>
    Dpor,

    /// <summary>Every interleaving, without a reduction, with few preemptions first if those are bounded.</summary>
    Dfs,

    /// <summary>A random thread at each step.</summary>
    Random,

    /// <summary>Random priorities with a few random changes.</summary>
    Pct,
}
