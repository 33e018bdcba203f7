using System.Diagnostics;

namespace RcuModel.Primitives;

/// <summary>
/// A place in an <see cref="RcuList"/>. The caller's object derives from it, or has it as a part and is its owner.
/// </summary>
/// <remarks>Kernel: struct list_head in an entry.</remarks>
[DebuggerDisplay("{Owner}")]
public class RcuListNode : SharedObject
{
    // Readers follow it, also from a node that has been removed.
    internal Ref<RcuListNode> Next;

    // Only updaters use it. Null outside of a list: where the kernel has LIST_POISON2, we say so.
    internal PlainRef<RcuListNode> Previous;

    /// <summary>Creates a node that is in no list.</summary>
    /// <param name="name">What a trace calls it.</param>
    public RcuListNode(string name = nameof(RcuListNode))
        : base(name)
    {
        Owner = this;
        Next = new Ref<RcuListNode>(this, null, "next");
        Previous = new PlainRef<RcuListNode>(this, null, "prev");
    }

    /// <summary>Creates a node that is part of an object: when the object is freed, so is the node.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="name">What the node is in it.</param>
    public RcuListNode(SharedObject owner, string name)
        : base(name)
    {
        Owner = owner;
        Next = new Ref<RcuListNode>(owner, null, name + ".next");
        Previous = new PlainRef<RcuListNode>(owner, null, name + ".prev");
    }

    /// <summary>The object that the node is part of. Kernel: list_entry().</summary>
    public SharedObject Owner { get; }

    /// <summary>Whether it is in a list; asked by an updater.</summary>
    public bool IsListed => Previous.Read() is not null;
}
