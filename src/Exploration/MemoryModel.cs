namespace RcuModel.Exploration;

/// <summary>When a store is seen by other threads.</summary>
public enum MemoryModel
{
    /// <summary>At once: every load sees the last store. Sequential consistency.</summary>
    Sc,

    /// <summary>
    /// Later: each thread has a buffer that its stores leave in order. Total store order, as on x86: a load may be done before
    /// an earlier store of its thread to another cell is seen by others.
    /// </summary>
    Tso,
}
