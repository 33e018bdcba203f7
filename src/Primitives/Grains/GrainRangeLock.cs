namespace RcuModel.Primitives;

/// <summary>Makes a lock of closed ranges at the grain of its model: a <see cref="TreeRangeLock"/>, or a <see cref="SpecRangeLock"/> in its place.</summary>
/// <remarks>
/// No model that is told its grain has writers that become readers, so at lock grain there are none. Of the kinds of range locks it is the
/// tree: its nodes are looked at under its spinlock only, so they may be on the stack of whoever holds the range. Kernel: struct
/// range_lock_tree of the patches of Kara and Bueso; not merged.
/// </remarks>
public static class GrainRangeLock
{
    /// <summary>Makes a lock of which no range is held.</summary>
    /// <param name="owner">The object that it is part of; at lock grain it is freed with it.</param>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="grain">What it is made of.</param>
    public static RangeLock Make(SharedObject owner, string name, Grain grain) =>
        grain == Grain.Locks ? new SpecRangeLock(owner, name, downgrades: false) : new TreeRangeLock(name);
}
