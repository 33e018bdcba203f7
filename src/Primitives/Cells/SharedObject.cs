using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// An object whose memory several threads share and that one of them frees. Its cells are constructed with it as their
/// owner, so that freeing it conflicts with every access to any of them.
/// </summary>
/// <remarks>Kernel: anything that comes from kmalloc() or a slab and goes back with kfree().</remarks>
public abstract class SharedObject
{
    /// <summary>Begins the object's life.</summary>
    /// <param name="name">What a trace calls it; the type's name if null.</param>
    /// <param name="mustFree">Whether it is a leak when an execution ends without <see cref="Free"/>.</param>
    protected SharedObject(string? name = null, bool mustFree = false)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            ObjectId = thread.NewObject(name ?? GetType().Name, mustFree);
    }

    /// <summary>The controller's number for the object; 0 outside of controlled executions.</summary>
    public int ObjectId { get; }

    /// <summary>
    /// Ends the object's life. Under a controller any access to one of its cells that follows, or that nothing orders
    /// before this, is reported as a use after free. Kernel: kfree().
    /// </summary>
    public void Free([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            thread.HeldLocks.Freed(ObjectId, file, line);
            thread.FreeObject(ObjectId, file, line);
        }
    }
}
