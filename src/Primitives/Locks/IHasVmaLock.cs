namespace RcuModel.Primitives;

/// <summary>A VMA in typesafe memory: its lock is made once for all its lives.</summary>
public interface IHasVmaLock
{
    /// <summary>The lock.</summary>
    VmaLock VmaLock { get; }
}

/// <summary>What may be done to a VMA that was looked up and is not yet held.</summary>
public static class TypesafeVmaLocks
{
    /// <summary>
    /// The lock of the VMA, in whatever life that is: it can be tried, and then says whether it is a VMA of the mm that was meant.
    /// </summary>
    /// <typeparam name="T">The type of VMAs.</typeparam>
    /// <param name="found">What was looked up.</param>
    public static VmaLock VmaLock<T>(this Unvalidated<T> found)
        where T : TypesafeObject, IHasVmaLock => found.Object!.VmaLock;
}
