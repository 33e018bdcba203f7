namespace RcuModel.Primitives;

/// <summary>
/// What an object carries so that something can be done to it after a grace period, without anybody waiting. It is in the
/// hands of <see cref="RcuCallbacks"/> from the call until its callback begins.
/// </summary>
/// <remarks>Kernel: struct rcu_head.</remarks>
public sealed class RcuHead : SharedObject
{
    internal PlainRef<RcuHead> Next;

    // 1 from the call to the callback; only the checks write and read it.
    private Cell<int> _pending;

    /// <summary>Creates a head at rest.</summary>
    /// <param name="owner">The object that carries it.</param>
    public RcuHead(object? owner = null)
        : base("head")
    {
        Owner = owner;
        Next = new PlainRef<RcuHead>(this, null, "next");
        _pending = new Cell<int>(this, 0, "pending");
    }

    /// <summary>The object that carries it. Kernel: container_of().</summary>
    public object? Owner { get; }

    [ThreadPrivate("the caller until the head is in the queue, the worker from then on")]
    internal Action<RcuHead>? Callback { get; set; }

    internal void Take(string file, int line)
    {
        // Relaxed: says only whether the head is in use.
        if (RcuChecks.On && _pending.Exchange(1, Order.Relaxed, file, line) != 0)
        {
            RcuUsage.Suspicious(file, line,
                $"the head of {(Owner as SharedObject)?.GetType().Name ?? "nobody"} is given to Call again before its callback has begun");
        }
    }

    internal void Release()
    {
        if (RcuChecks.On)
            _pending.WriteOnce(0);
    }
}
