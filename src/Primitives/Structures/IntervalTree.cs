using System.Diagnostics;

namespace RcuModel.Primitives;

// A search tree by the first of each range, in which each node also knows the greatest last of its subtree. A subtree whose
// greatest last lies before what is looked for is left out as a whole; so the first overlap, and each next one, is found
// in one way down or up and down.
//
//                [20,29] ≤99                 The overlaps of [40,50]: the root ends at 29, its left subtree at 15, which is
//               /           \                before 40; on the right [30,99] begins before 50 and ends after 40; behind it
//        [5,15] ≤15      [60,70] ≤99         [60,70] begins after 50, and so does all that follows.
//                        /
//                   [30,99] ≤99
//
// The tree is balanced by height (Adelson-Velsky and Landis, 1962), where the kernel's is red-black: one walk from the
// place of a change to the root mends height and greatest last together, after an insertion and a removal alike, and
// ends where neither changes. A node moves in the tree but is never copied: it is the caller's.

/// <summary>
/// The closed ranges that others have given it, by their first: finds all that overlap a range, in order. A range may be
/// there any number of times. The caller holds a lock of its own: exclusively to change the tree, at least shared to look.
/// </summary>
/// <remarks>
/// <para>Specification. n is the number of nodes, k that of those found.</para>
/// <list type="bullet">
/// <item>It holds exactly the nodes that were inserted and not removed since; each with the range it was inserted with.
/// </item>
/// <item><see cref="FirstOverlap"/> and <see cref="NextOverlap"/> give each node whose range overlaps the one that is asked
/// for, once, and no other; by their first, and those with the same first in the order in which they were inserted.</item>
/// <item>Insertion, removal and the first overlap take O(log n) steps, all k overlaps O(k + log n) to O(k log n). Nothing
/// allocates.</item>
/// <item>A node that was removed holds no other node alive, and may be inserted again, or freed.</item>
/// <item>All fields are plain: an access that the caller's lock does not keep apart is a data race, and is reported.</item>
/// </list>
/// <para>Kernel: interval_tree_insert() and its siblings of include/linux/interval_tree_generic.h.</para>
/// </remarks>
[DebuggerDisplay("root {_root}")]
public sealed class IntervalTree : SharedObject
{
    private PlainRef<IntervalNode> _root;

    /// <summary>Creates an empty tree.</summary>
    /// <param name="name">What a trace calls it.</param>
    public IntervalTree(string name = nameof(IntervalTree))
        : base(name) => _root = new PlainRef<IntervalNode>(this, null, "root");

    /// <summary>Creates an empty tree that is part of an object: when the object is freed, so is the tree.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="name">What the tree is in it.</param>
    public IntervalTree(SharedObject owner, string name)
        : base(name) => _root = new PlainRef<IntervalNode>(owner, null, name + ".root");

    /// <summary>Whether nothing is in it. Kernel: RB_EMPTY_ROOT().</summary>
    public bool IsEmpty => _root.Read() is null;

    /// <summary>Puts a node in. Kernel: interval_tree_insert().</summary>
    /// <param name="node">A node that is in no tree.</param>
    /// <param name="first">The first of its range.</param>
    /// <param name="last">The last of its range, not before the first.</param>
    public void Insert(IntervalNode node, ulong first, ulong last)
    {
        Execution.Assert(first <= last, "a range does not end before it begins");
        Execution.Assert(!node.IsInserted, "a node is in one interval tree at a time");
        node.SetRange(first, last);
        node.SubtreeLast.Write(last);
        node.Height.Write(1);
        IntervalNode? below = _root.Read();
        if (below is null)
        {
            _root.Write(node);
            return;
        }

        // Behind those with the same first.
        IntervalNode parent;
        bool left;
        do
        {
            parent = below;
            left = first < parent.First;
            below = left ? parent.Left.Read() : parent.Right.Read();
        }
        while (below is not null);

        node.Parent.Write(parent);
        if (left)
            parent.Left.Write(node);
        else
            parent.Right.Write(node);
        Mend(parent);
    }

    /// <summary>Takes a node out. Kernel: interval_tree_remove().</summary>
    /// <param name="node">A node of this tree.</param>
    public void Remove(IntervalNode node)
    {
        Execution.Assert(node.IsInserted, "what is removed from an interval tree is in it");
        IntervalNode? left = node.Left.Read();
        IntervalNode? right = node.Right.Read();
        IntervalNode? parent = node.Parent.Read();
        IntervalNode? changed;
        IntervalNode? next = null;
        if (left is null || right is null)
        {
            Replace(node, left ?? right, parent);
            changed = parent;
        }
        else
        {
            changed = ReplaceByNext(node, left, right, parent, out next);
        }

        if (left is not null)
            node.Left.Write(null);
        if (right is not null)
            node.Right.Write(null);
        if (parent is not null)
            node.Parent.Write(null);
        node.Height.Write(0);
        Mend(changed);

        // What is below may be as it was, and yet another range be in the node's place.
        Mend(next);
    }

    /// <summary>The first node that overlaps a range, or null. Kernel: interval_tree_iter_first().</summary>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    public IntervalNode? FirstOverlap(ulong first, ulong last)
    {
        IntervalNode? root = _root.Read();
        return root is not null && first <= root.SubtreeLast.Read() ? Search(root, first, last) : null;
    }

    /// <summary>The next node that overlaps a range, or null. Kernel: interval_tree_iter_next().</summary>
    /// <param name="node">The node found last. It must be in the tree: to remove it, ask for the next one first.</param>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    public static IntervalNode? NextOverlap(IntervalNode node, ulong first, ulong last)
    {
        while (true)
        {
            if (node.Right.Read() is { } right && first <= right.SubtreeLast.Read())
                return Search(right, first, last);

            // Up, to the first that we come to from its left.
            IntervalNode? parent = node.Parent.Read();
            while (parent is not null && parent.Right.Read() == node)
            {
                node = parent;
                parent = node.Parent.Read();
            }

            if (parent is null || parent.First > last)
                return null;
            if (parent.Last >= first)
                return parent;
            node = parent;
        }
    }

    /// <summary>Whether anything overlaps a range.</summary>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    public bool Overlaps(ulong first, ulong last) => FirstOverlap(first, last) is not null;

    /// <summary>
    /// Asserts what holds of a sound tree: order, links, balance and greatest lasts. Gives the number of nodes. For tests;
    /// it looks at each node.
    /// </summary>
    public int Validate() => Validate(_root.Read(), null).Count;

    // The leftmost overlap in a subtree whose greatest last is not before first. If the left subtree reaches that far, the
    // answer is there or nowhere: what there reaches that far and begins after last has only later beginnings behind it.
    private static IntervalNode? Search(IntervalNode node, ulong first, ulong last)
    {
        while (true)
        {
            if (node.Left.Read() is { } left && first <= left.SubtreeLast.Read())
            {
                node = left;
                continue;
            }

            if (node.First > last)
                return null;
            if (node.Last >= first)
                return node;
            if (node.Right.Read() is not { } right || right.SubtreeLast.Read() < first)
                return null;
            node = right;
        }
    }

    // Mends heights and greatest lasts from a node upwards. What a node holds until it is mended is what held of its place
    // before the change; if mending comes to the same, nothing above has changed.
    private void Mend(IntervalNode? node)
    {
        while (node is not null)
        {
            int height = node.Height.Read();
            ulong subtreeLast = node.SubtreeLast.Read();
            int balance = HeightOf(node.Left.Read()) - HeightOf(node.Right.Read());
            if (balance > 1)
            {
                IntervalNode left = node.Left.Read()!;
                if (HeightOf(left.Left.Read()) < HeightOf(left.Right.Read()))
                    RotateLeft(left);
                node = RotateRight(node);
            }
            else if (balance < -1)
            {
                IntervalNode right = node.Right.Read()!;
                if (HeightOf(right.Right.Read()) < HeightOf(right.Left.Read()))
                    RotateRight(right);
                node = RotateLeft(node);
            }
            else
            {
                Update(node);
            }

            if (node.Height.Read() == height && node.SubtreeLast.Read() == subtreeLast)
                return;
            node = node.Parent.Read();
        }
    }

    // The node's next takes its place. Gives the lowest node of which something has changed.
    private IntervalNode ReplaceByNext(
        IntervalNode node, IntervalNode left, IntervalNode right, IntervalNode? parent, out IntervalNode next)
    {
        next = right;
        while (next.Left.Read() is { } before)
            next = before;
        IntervalNode changed = next;
        if (next != right)
        {
            changed = next.Parent.Read()!;
            Replace(next, next.Right.Read(), changed);
            next.Right.Write(right);
            right.Parent.Write(next);
        }

        next.Left.Write(left);
        left.Parent.Write(next);
        Replace(node, next, parent);

        // For Mend: what held of the place.
        next.Height.Write(node.Height.Read());
        next.SubtreeLast.Write(node.SubtreeLast.Read());
        return changed;
    }

    private IntervalNode RotateRight(IntervalNode node)
    {
        IntervalNode left = node.Left.Read()!;
        IntervalNode? inner = left.Right.Read();
        Replace(node, left, node.Parent.Read());
        node.Left.Write(inner);
        inner?.Parent.Write(node);
        left.Right.Write(node);
        node.Parent.Write(left);
        Update(node);
        Update(left);
        return left;
    }

    private IntervalNode RotateLeft(IntervalNode node)
    {
        IntervalNode right = node.Right.Read()!;
        IntervalNode? inner = right.Left.Read();
        Replace(node, right, node.Parent.Read());
        node.Right.Write(inner);
        inner?.Parent.Write(node);
        right.Left.Write(node);
        node.Parent.Write(right);
        Update(node);
        Update(right);
        return right;
    }

    // Hangs another node, or none, where a node hangs.
    private void Replace(IntervalNode node, IntervalNode? by, IntervalNode? parent)
    {
        by?.Parent.Write(parent);
        if (parent is null)
            _root.Write(by);
        else if (parent.Left.Read() == node)
            parent.Left.Write(by);
        else
            parent.Right.Write(by);
    }

    private static void Update(IntervalNode node)
    {
        IntervalNode? left = node.Left.Read();
        IntervalNode? right = node.Right.Read();
        node.Height.Write(1 + Math.Max(HeightOf(left), HeightOf(right)));
        ulong last = node.Last;
        if (left is not null)
            last = Math.Max(last, left.SubtreeLast.Read());
        if (right is not null)
            last = Math.Max(last, right.SubtreeLast.Read());
        node.SubtreeLast.Write(last);
    }

    private static int HeightOf(IntervalNode? node) => node is null ? 0 : node.Height.Read();

    private static (int Count, ulong Last) Validate(IntervalNode? node, IntervalNode? parent)
    {
        if (node is null)
            return (0, 0);
        IntervalNode? left = node.Left.Read();
        IntervalNode? right = node.Right.Read();
        Execution.Assert(node.Parent.Read() == parent, "a node knows its parent");
        Execution.Assert(left is null || left.First <= node.First, "what is on the left begins no later");
        Execution.Assert(right is null || right.First >= node.First, "what is on the right begins no earlier");
        Execution.Assert(Math.Abs(HeightOf(left) - HeightOf(right)) <= 1, "the heights of siblings differ by one at most");
        Execution.Assert(node.Height.Read() == 1 + Math.Max(HeightOf(left), HeightOf(right)), "a node knows its height");
        (int leftCount, ulong leftLast) = Validate(left, node);
        (int rightCount, ulong rightLast) = Validate(right, node);
        ulong last = Math.Max(node.Last, Math.Max(leftLast, rightLast));
        Execution.Assert(node.SubtreeLast.Read() == last, "a node knows the greatest last of its subtree");
        return (leftCount + rightCount + 1, last);
    }
}
