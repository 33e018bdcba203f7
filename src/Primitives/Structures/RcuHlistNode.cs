using System.Diagnostics;

namespace RcuModel.Primitives;

/// <summary>
/// A place in an <see cref="RcuHlist"/>. The caller's object derives from it, or has it as a part and is its owner.
/// </summary>
/// <remarks>Kernel: struct hlist_node in an entry.</remarks>
[DebuggerDisplay("{Owner}")]
public class RcuHlistNode : RcuHlistLink
{
    // What points to it. Only updaters use it. Null outside of a list.
    internal PlainRef<RcuHlistLink> Previous;

    /// <summary>Creates a node that is in no list.</summary>
    /// <param name="name">What a trace calls it.</param>
    public RcuHlistNode(string name = nameof(RcuHlistNode))
        : base(name, "next")
    {
        Owner = this;
        Previous = new PlainRef<RcuHlistLink>(this, null, "pprev");
    }

    /// <summary>Creates a node that is part of an object: when the object is freed, so is the node.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="name">What the node is in it.</param>
    public RcuHlistNode(SharedObject owner, string name)
        : base(owner, name, name + ".next")
    {
        Owner = owner;
        Previous = new PlainRef<RcuHlistLink>(owner, null, name + ".pprev");
    }

    /// <summary>The object that the node is part of. Kernel: hlist_entry().</summary>
    public SharedObject Owner { get; }

    /// <summary>Whether it is in a list; asked by an updater. Kernel: !hlist_unhashed().</summary>
    public bool IsListed => Previous.Read() is not null;
}
