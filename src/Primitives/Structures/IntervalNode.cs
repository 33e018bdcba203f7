using System.Diagnostics;

namespace RcuModel.Primitives;

/// <summary>
/// A place in an <see cref="IntervalTree"/>: a closed range and the links of the tree. It lies in the caller's object, or
/// the caller's object derives from it, so that nothing is allocated when a range comes and goes.
/// </summary>
/// <remarks>
/// Its fields are read and written under the lock of the tree that it is in, and by its owner while it is in none.
/// Kernel: struct interval_tree_node.
/// </remarks>
[DebuggerDisplay("[{_first}, {_last}]")]
public class IntervalNode : SharedObject
{
    internal PlainRef<IntervalNode> Left;
    internal PlainRef<IntervalNode> Right;
    internal PlainRef<IntervalNode> Parent;

    // The greatest last of the node and of all below it.
    internal Plain<ulong> SubtreeLast;

    // 1 for a leaf; 0 outside of any tree.
    internal Plain<int> Height;

    private Plain<ulong> _first;
    private Plain<ulong> _last;

    /// <summary>Creates a node that is in no tree.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="mustFree">Whether it is a leak when an execution ends without <see cref="SharedObject.Free"/>.</param>
    public IntervalNode(string name = nameof(IntervalNode), bool mustFree = false)
        : base(name, mustFree)
    {
        Left = new PlainRef<IntervalNode>(this, null, "left");
        Right = new PlainRef<IntervalNode>(this, null, "right");
        Parent = new PlainRef<IntervalNode>(this, null, "parent");
        SubtreeLast = new Plain<ulong>(this, 0, "subtreeLast");
        Height = new Plain<int>(this, 0, "height");
        _first = new Plain<ulong>(this, 0, "first");
        _last = new Plain<ulong>(this, 0, "last");
    }

    /// <summary>Creates a node that is part of an object: when the object is freed, so is the node.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="name">What the node is in it; its fields are named name.left and so on.</param>
    public IntervalNode(SharedObject owner, string name)
        : base(name)
    {
        Owner = owner;
        Left = new PlainRef<IntervalNode>(owner, null, name + ".left");
        Right = new PlainRef<IntervalNode>(owner, null, name + ".right");
        Parent = new PlainRef<IntervalNode>(owner, null, name + ".parent");
        SubtreeLast = new Plain<ulong>(owner, 0, name + ".subtreeLast");
        Height = new Plain<int>(owner, 0, name + ".height");
        _first = new Plain<ulong>(owner, 0, name + ".first");
        _last = new Plain<ulong>(owner, 0, name + ".last");
    }

    /// <summary>The object that the node is part of; null if it stands by itself. Kernel: container_of().</summary>
    public SharedObject? Owner { get; }

    /// <summary>The first of the range; 0 until it was inserted once.</summary>
    public ulong First => _first.Read();

    /// <summary>The last of the range, which belongs to it.</summary>
    public ulong Last => _last.Read();

    /// <summary>Whether it is in a tree.</summary>
    public bool IsInserted => Height.Read() != 0;

    internal void SetRange(ulong first, ulong last)
    {
        _first.Write(first);
        _last.Write(last);
    }
}
