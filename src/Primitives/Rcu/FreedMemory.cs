namespace RcuModel.Primitives;

/// <summary>
/// Objects of one type whose memory has been freed and may be used again at once, without a grace period: the free list of a
/// typesafe slab whose users tell the lives of an object apart by means of their own.
/// </summary>
/// <remarks>
/// <para>
/// On real threads what was freed is kept in a list, the last first. Under a controller to take is a choice, nothing or the one
/// object that was named with <see cref="MayReuse"/>, if it is free; so an allocation depends on the freeing of that object
/// and on nothing else.
/// </para>
/// <para>Kernel: the free lists of a cache with SLAB_TYPESAFE_BY_RCU.</para>
/// </remarks>
/// <typeparam name="T">The type of the objects.</typeparam>
public sealed class FreedMemory<T>
    where T : SharedObject
{
    private readonly Lock _gate = new();
    private readonly Stack<T> _free = new();
    private Cell<bool> _isFree = new(false, "isFree");

    [ThreadPrivate("the body, before its threads begin")]
    private T? _reusable;

    /// <summary>Names the object that may be reused under a controller. To be called before threads begin.</summary>
    /// <param name="shared">The object.</param>
    public void MayReuse(T shared) => _reusable = shared;

    /// <summary>Takes the memory of an object that was freed; null if new memory is to be had instead.</summary>
    public T? TryTake()
    {
        if (Hook.Enabled && Hook.Current is not null)
        {
            // Acquire pairs with the release in Give: what was done in the life before comes before this one.
            return _reusable is { } shared && Execution.Choose(2) == 1 && _isFree.CompareExchange(true, false, Order.Acquire)
                ? shared
                : null;
        }

        lock (_gate)
        {
            _free.TryPop(out T? shared);
            return shared;
        }
    }

    /// <summary>Frees the memory of an object. Kernel: kmem_cache_free().</summary>
    /// <param name="shared">The object. Others may still look at it, and find it in its next life.</param>
    public void Give(T shared)
    {
        if (Hook.Enabled && Hook.Current is not null)
        {
            // Release pairs with the acquire in TryTake.
            if (ReferenceEquals(shared, _reusable))
                _isFree.StoreRelease(true);
            return;
        }

        lock (_gate)
            _free.Push(shared);
    }
}
