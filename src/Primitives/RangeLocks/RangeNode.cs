namespace RcuModel.Primitives;

/// <summary>
/// What a thread brings along to hold one range of a <see cref="RangeLock"/>: it is made once, by
/// <see cref="RangeLock.NewNode"/>, and used for one range after the other, in any lock of the same kind.
/// </summary>
/// <remarks>
/// Between taking a range and giving it back it belongs to the lock. When its memory may be used for something else differs by
/// kind; <see cref="RangeLock.EndNode"/> waits for that. Kernel: struct range_lock, on the stack.
/// </remarks>
public abstract class RangeNode : SharedObject
{
    private protected RangeNode(string name)
        : base(name)
    {
    }

    /// <summary>Where the range begins that is held with it, for <see cref="Lockdep"/>.</summary>
    [ThreadPrivate("who holds a range with the node")]
    internal ulong HeldFrom { get; set; }
}
