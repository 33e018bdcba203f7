namespace RcuModel.Primitives;

/// <summary>
/// An object whose memory may become another object of the same type while readers still look at it. What the constructor
/// makes (the lock, the count, the key) stays what it is through all its lives; everything else belongs to one life.
/// </summary>
/// <remarks>Kernel: an object of a cache with SLAB_TYPESAFE_BY_RCU and a constructor, such as struct anon_vma.</remarks>
public abstract class TypesafeObject : SharedObject
{
    /// <summary>How many hold the object; 0 when it is free, or not yet complete.</summary>
    internal Cell<int> Count;

    /// <summary>What tells one life from another.</summary>
    internal Cell<long> Key;

    /// <summary>1 while the memory is free.</summary>
    internal Cell<int> IsFree;

    /// <summary>Constructs the memory, once for all lives.</summary>
    /// <param name="name">What a trace calls it.</param>
    protected TypesafeObject(string? name = null)
        : base(name)
    {
        Count = new Cell<int>(this, 0, "count");
        Key = new Cell<long>(this, 0, "key");
        IsFree = new Cell<int>(this, 0, "isFree");
        Lock = new SpecLock(this, "lock");
    }

    /// <summary>A lock that can be taken in whatever life the object is; who has taken it must look which one that is.</summary>
    public SpecLock Lock { get; }
}
