using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// The last node points to its list. A reader that comes to the end of another list than its own has stood on a node that was taken
// out and put there meanwhile, and begins again. Within one list a node is put in front only: a reader that stands on it then sees some
// nodes twice, but would miss those behind it if it had gone to the end.

/// <summary>
/// A list of nodes that may be in another list a moment later, without a grace period: nodes of typesafe memory. Its end tells whose end it
/// is. Updaters hold a lock of the caller's, such as that of the bucket.
/// </summary>
/// <remarks>
/// <para>Specification, of a reader that walks inside a reader of the caller's RCU.</para>
/// <list type="bullet">
/// <item>A walk ends at a list. If that is its own, it has met each node that was in the list throughout, once or more often. If
/// not, it may have missed any and has to begin again.</item>
/// <item>A node that is met may be in no list, in another one, or be another object by now: its key is compared once more when a
/// reference to it has been taken.</item>
/// <item>A node may be put in front of a list at once after it was removed; its memory is a node as long as readers may come to it, which
/// a typesafe slab takes care of.</item>
/// <item>No operation allocates. To remove a node that is in no list fails an assertion.</item>
/// </list>
/// <para>Kernel: include/linux/rculist_nulls.h; Documentation/RCU/rculist_nulls.rst.</para>
/// </remarks>
[DebuggerDisplay("first {Next}")]
public sealed class RcuNullsList : RcuNullsLink
{
    /// <summary>Creates an empty list. Kernel: INIT_HLIST_NULLS_HEAD().</summary>
    /// <param name="name">What a trace calls it.</param>
    public RcuNullsList(string name = "nulls")
        : base(name, "first") => Next.WriteOnce(this);

    /// <summary>Whether nothing was in it a moment ago. Kernel: hlist_nulls_empty().</summary>
    public bool IsEmpty => Next.ReadOnce() == this;

    /// <summary>
    /// The node behind what the same reader has found, or null at the end of a list. Kernel: the step of
    /// hlist_nulls_for_each_entry_rcu().
    /// </summary>
    /// <param name="link">The list, where a walk begins, or a node that this reader has met.</param>
    /// <param name="end">
    /// Null if there is a node; otherwise the list that has ended. Kernel: get_nulls_value(), to be compared with the bucket's.
    /// </param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static RcuNullsNode? After(
        RcuNullsLink link, out RcuNullsList? end, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        // Acquire pairs with the release in AddFirst: a node that is found is complete.
        RcuNullsLink next = link.Next.LoadAcquire(file, line)!;
        end = next as RcuNullsList;
        return next as RcuNullsNode;
    }

    /// <summary>Puts a node in front. Kernel: hlist_nulls_add_head_rcu().</summary>
    /// <param name="node">A node in no list. Readers may still stand on it.</param>
    public void AddFirst(RcuNullsNode node)
    {
        Execution.Assert(!node.IsListed, "a node is in one list at a time");
        RcuNullsLink next = Next.ReadOnce()!;

        // Relaxed: the release below publishes it to whoever comes by this list. Who stands on the node already believes nothing of what it
        // comes to, but the key that it compares again and the end.
        node.Next.WriteOnce(next);
        node.Previous.Write(this);

        // Release pairs with the acquire in After.
        Next.StoreRelease(node);
        if (next is RcuNullsNode behind)
            behind.Previous.Write(node);
    }

    /// <summary>Takes a node out. Readers may stand on it for as long as they like. Kernel: hlist_nulls_del_init_rcu().</summary>
    /// <param name="node">A node in a list.</param>
    public static void Remove(RcuNullsNode node)
    {
        Execution.Assert(node.IsListed, "a node that is removed is in a list");
        RcuNullsLink next = node.Next.ReadOnce()!;
        RcuNullsLink previous = node.Previous.Read()!;

        // Relaxed: what is behind the node was published when it was put there.
        previous.Next.WriteOnce(next);
        if (next is RcuNullsNode behind)
            behind.Previous.Write(previous);
        node.Previous.Write(null);
    }
}
