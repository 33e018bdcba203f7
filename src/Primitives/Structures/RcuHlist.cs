using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// One pointer for a head, so that a table may have many: there is no way to the end but through the list, and a node knows what
// points to it and not what it is: the head and a node are the same to it. So a node can be taken out by who does not know its list.
//
//   adding     the node's own pointers are set first, then what is before it is made to point to it: where a reader begins to see it.
//              That the one behind is pointed to by the node comes last; only updaters look at it.
//   removing   what points to the node is made to point behind it. The node keeps its next, as in an RcuList.

/// <summary>
/// A list with a head of one pointer, such as a bucket of a hash table, that readers of RCU walk while updaters change it. Updaters
/// hold a lock of the caller's, such as that of the bucket.
/// </summary>
/// <remarks>
/// <para>Specification: that of <see cref="RcuList"/>, and</para>
/// <list type="bullet">
/// <item>A node is removed or replaced without its list being known.</item>
/// <item>The end is found only by a walk: there is no way to add there in one step.</item>
/// <item>A node that is freed or reused before a grace period is over takes its readers along, and they cannot know:
/// <see cref="RcuNullsList"/> is for those.</item>
/// </list>
/// <para>Kernel: struct hlist_head, and the hlists of include/linux/rculist.h.</para>
/// </remarks>
[DebuggerDisplay("first {Next}")]
public sealed class RcuHlist : RcuHlistLink
{
    /// <summary>Creates an empty list. Kernel: INIT_HLIST_HEAD().</summary>
    /// <param name="name">What a trace calls its head.</param>
    public RcuHlist(string name = "hlist")
        : base(name, "first")
    {
    }

    /// <summary>Creates an empty list that is part of an object: when the object is freed, so is its head.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="name">What the list is in it.</param>
    public RcuHlist(SharedObject owner, string name)
        : base(owner, name, name + ".first")
    {
    }

    /// <summary>Whether nothing was in it a moment ago. Kernel: hlist_empty().</summary>
    public bool IsEmpty => Next.ReadOnce() is null;

    /// <summary>The first node, or null: where a reader begins. Kernel: hlist_first_rcu().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public RcuHlistNode? First([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => After(this, file, line);

    /// <summary>
    /// The node behind what the same reader has found, or null at the end. Kernel: hlist_next_rcu(), the step of
    /// hlist_for_each_entry_rcu().
    /// </summary>
    /// <param name="link">A list, or a node that is in one, or was removed since this reader began.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static RcuHlistNode? After(RcuHlistLink link, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        // Acquire pairs with the release in AddAfter and Replace: a node that is found is complete.
        return link.Next.LoadAcquire(file, line);
    }

    /// <summary>Puts a node in front. Kernel: hlist_add_head_rcu().</summary>
    /// <param name="node">A node in no list, and, if it was in one, a grace period later.</param>
    public void AddFirst(RcuHlistNode node) => AddAfter(node, this);

    /// <summary>Puts a node behind another one, or in front of a list. Kernel: hlist_add_behind_rcu().</summary>
    /// <param name="node">A node in no list, and, if it was in one, a grace period later.</param>
    /// <param name="previous">A list, or a node of one.</param>
    public static void AddAfter(RcuHlistNode node, RcuHlistLink previous)
    {
        Execution.Assert(!node.IsListed, "a node is in one list at a time");
        if (previous is RcuHlistNode listed)
            RequireListed(listed);
        RcuHlistNode? next = previous.Next.ReadOnce();

        // Relaxed: the release below publishes it.
        node.Next.WriteOnce(next);
        node.Previous.Write(previous);

        // Release pairs with the acquire in After.
        previous.Next.StoreRelease(node);
        next?.Previous.Write(node);
    }

    /// <summary>Puts a node in front of another one. Kernel: hlist_add_before_rcu().</summary>
    /// <param name="node">A node in no list, and, if it was in one, a grace period later.</param>
    /// <param name="next">A node of a list.</param>
    public static void AddBefore(RcuHlistNode node, RcuHlistNode next)
    {
        RequireListed(next);
        AddAfter(node, next.Previous.Read()!);
    }

    /// <summary>Takes a node out. Readers may stand on it until a grace period is over. Kernel: hlist_del_init_rcu().</summary>
    /// <param name="node">A node in a list.</param>
    public static void Remove(RcuHlistNode node)
    {
        RequireListed(node);
        RcuHlistNode? next = node.Next.ReadOnce();
        RcuHlistLink previous = node.Previous.Read()!;

        // Relaxed: what is behind the node was published when it was put there.
        previous.Next.WriteOnce(next);
        next?.Previous.Write(previous);
        node.Previous.Write(null);
    }

    /// <summary>Puts a node in the place of another one, in one step for readers. Kernel: hlist_replace_rcu().</summary>
    /// <param name="old">A node in a list; afterwards as after <see cref="Remove"/>.</param>
    /// <param name="node">A node in no list, and, if it was in one, a grace period later.</param>
    public static void Replace(RcuHlistNode old, RcuHlistNode node)
    {
        RequireListed(old);
        Execution.Assert(!node.IsListed, "a node is in one list at a time");
        RcuHlistNode? next = old.Next.ReadOnce();
        RcuHlistLink previous = old.Previous.Read()!;

        // Relaxed: the release below publishes it.
        node.Next.WriteOnce(next);
        node.Previous.Write(previous);

        // Release pairs with the acquire in After.
        previous.Next.StoreRelease(node);
        next?.Previous.Write(node);
        old.Previous.Write(null);
    }

    private static void RequireListed(RcuHlistNode node) =>
        Execution.Assert(node.IsListed, "a node that is removed, replaced or built upon is in a list");
}
