namespace RcuModel.Coyote;

/// <summary>How Coyote chooses interleavings.</summary>
public enum CoyoteStrategy
{
    /// <summary>Any operation that can move, with equal chances.</summary>
    Random,

    /// <summary>Priorities that change now and then.</summary>
    Pct,

    /// <summary>The same, and at random once an execution is long, so that it is fair.</summary>
    FairPct,

    /// <summary>Whoever moves goes on, and is left with a small probability.</summary>
    Probabilistic,

    /// <summary>In turn, with a few delays.</summary>
    Delay,

    /// <summary>Learns which choices lead to states that it has not seen.</summary>
    QLearning,

    /// <summary>Depth first: every interleaving, and it ends by itself.</summary>
    Dfs,
}
