namespace RcuModel.Exploration;

/// <summary>How an interleaving was found.</summary>
public enum StressSearch
{
    /// <summary>By following what the threads logged, or something near it.</summary>
    Log,

    /// <summary>By random priorities.</summary>
    Sample,

    /// <summary>By the reduction.</summary>
    Exhaustive,

    /// <summary>By the reduction with store buffers, which real threads have: nothing else does it.</summary>
    StoreBuffers,
}
