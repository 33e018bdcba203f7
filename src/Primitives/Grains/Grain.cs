namespace RcuModel.Primitives;

/// <summary>What a model's locks are made of.</summary>
public enum Grain : byte
{
    /// <summary>The real primitives: their own memory accesses are steps, or, on real threads, instructions.</summary>
    Accesses,

    /// <summary>Specifications: to take a lock is one step, and the primitive that it stands for is verified elsewhere.</summary>
    Locks,
}

/// <summary>Chooses the grain for models that were not told one.</summary>
public static class Grains
{
    /// <summary>Locks for a controlled thread, which explores; the real primitives for a free one, which measures.</summary>
    public static Grain Usual => Hook.Enabled && Hook.Current is not null ? Grain.Locks : Grain.Accesses;
}
