using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// A life of an object, and a look-up that races with it:
//
//   allocator                              reader, in RCU
//   takes the memory (isFree 1 → 0)        finds the object by an old pointer
//   writes the fields                      count + 1 unless it is 0, acquire   (1)
//   key = the new key                      looks at the key                    (2)
//   count = 1, release                     is it the one that was looked for? then uses the fields
//   …                                      count - 1
//   count - 1, full; it was the last:
//   isFree = 1
//
// (1): a count that is not 0 belongs to a life that is complete, and keeps it from ending. The acquire pairs with the release
// of the count, so the key and the fields that are seen are of that life or of a later one; and there is no later one while
// we are counted. (2): whose life it is only the key tells. The count and the key must not be touched by the allocator
// before that: a plain "set everything to zero" would let a count of an earlier life vanish.

/// <summary>
/// Memory of one type that is reused at once, without a grace period: only when it goes back to be memory of another type
/// does RCU wait for readers. So a reader may find an object by an old pointer, but must make sure which one it is.
/// </summary>
/// <remarks>
/// <para>
/// A look-up gives an <see cref="Unvalidated{T}"/>, which shows the lock, the count and the key, and nothing else, until it
/// has been validated.
/// </para>
/// <para>
/// On real threads freed memory is kept in a list and reused, the last first. Under a controller an allocation is a choice:
/// fresh, or the one object that was named with <see cref="MayReuse"/>, if it is free; so an allocation depends on the
/// freeing of that object and on nothing else.
/// </para>
/// <para>Kernel: kmem_cache_create() with SLAB_TYPESAFE_BY_RCU, kmem_cache_alloc(), kmem_cache_free().</para>
/// </remarks>
/// <typeparam name="T">The type of the objects.</typeparam>
public sealed class TypesafeSlab<T>
    where T : TypesafeObject
{
    private readonly GracePeriods _domain;
    private readonly Func<T> _construct;
    private readonly Lock _gate = new();
    private readonly Stack<T> _free = new();

    [ThreadPrivate("the body, before its threads begin")]
    private T? _reusable;

    /// <summary>Creates a slab without objects.</summary>
    /// <param name="domain">The domain whose readers look things up.</param>
    /// <param name="construct">Makes an object. It is called once for the memory, not once for each life.</param>
    public TypesafeSlab(GracePeriods domain, Func<T> construct)
    {
        _domain = domain;
        _construct = construct;
    }

    /// <summary>
    /// Names the object that allocations under a controller may reuse. To be called before threads begin.
    /// </summary>
    /// <param name="shared">An object of this slab.</param>
    public void MayReuse(T shared) => _reusable = shared;

    /// <summary>
    /// Takes memory for a new life: fresh, or reused. Nobody can hold the object until <see cref="Activate"/>; it may be
    /// looked at, though, and its lock may be taken. Kernel: kmem_cache_alloc().
    /// </summary>
    public T Allocate()
    {
        if (Hook.Enabled && Hook.Current is not null)
        {
            // Acquire pairs with the full count in Put: what was done in the life before comes before this one.
            return _reusable is { } shared && Execution.Choose(2) == 1 && shared.IsFree.CompareExchange(1, 0, Order.Acquire) == 1
                ? shared
                : _construct();
        }

        lock (_gate)
        {
            if (_free.TryPop(out T? reused))
            {
                reused.IsFree.WriteOnce(0);
                return reused;
            }
        }

        return _construct();
    }

    /// <summary>Begins the life of an object: whoever finds it from now on can hold it. The caller is its first holder.</summary>
    /// <param name="shared">What <see cref="Allocate"/> gave, with all its fields written.</param>
    /// <param name="key">What tells this life from others.</param>
    public void Activate(T shared, long key)
    {
        // Relaxed: the release behind it orders.
        shared.Key.WriteOnce(key);

        // Release pairs with the acquire in Unvalidated.TryGet, (1).
        shared.Count.StoreRelease(1);
    }

    /// <summary>
    /// Lets go of an object. The last holder frees it: it may be reused at once. Kernel: kmem_cache_free() behind
    /// refcount_dec_and_test().
    /// </summary>
    /// <param name="shared">The object.</param>
    public void Put(T shared)
    {
        // Full: what the holders did comes before the end, for all of them.
        int before = shared.Count.FetchAdd(-1, Order.Full);
        if (before > 1)
            return;
        Execution.Assert(before == 1, $"{typeof(T).Name} is let go of more often than it was held");
        if (Hook.Enabled && Hook.Current is not null)
        {
            // Relaxed: the count before it is full, and pairs with the acquire in Allocate.
            shared.IsFree.WriteOnce(1);
            return;
        }

        lock (_gate)
        {
            shared.IsFree.WriteOnce(1);
            _free.Push(shared);
        }
    }

    /// <summary>Follows a pointer that may be out of date. Kernel: rcu_dereference() of an object that is not held.</summary>
    /// <param name="pointer">The pointer.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public Unvalidated<T> Lookup(
        ref Ref<T> pointer, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        new(this, _domain.Dereference(ref pointer, orProtected: false, file, line));

    internal void CheckReader(string file, int line)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Dereference(_domain, file, line);
    }
}
