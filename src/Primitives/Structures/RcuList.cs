using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// A ring through a head of its own. Updaters keep each other away and use both directions; readers know only next.
//
//   adding     node.next and node.prev are set first, then the one before is made to point to it: that one store is
//              where a reader begins to see it.
//   removing   the one before is made to point behind it. The node keeps its next, so a reader that stands on it finds
//              its way back to the list; until a grace period is over the node is neither freed nor put into a list again.
//   replacing  like adding, with the old node left standing as a removed one.

/// <summary>
/// A doubly linked list that readers of RCU walk while updaters change it. Updaters hold a lock of the caller's.
/// </summary>
/// <remarks>
/// <para>Specification, of a reader that begins a walk inside a reader of the caller's RCU and ends it there.</para>
/// <list type="bullet">
/// <item>Each node that is in the list throughout the walk is met, once, and in the order of the list.</item>
/// <item>A node that comes or goes meanwhile is met or not; if it is, then complete: what its adder did before happens
/// before. Of a node and its replacement exactly one is met.</item>
/// <item>The walk ends if only finitely many nodes are added while it lasts.</item>
/// <item>A node that was removed may be freed, changed or put into a list again when a grace period that began afterwards is
/// over, not earlier. Nobody can check that here: a reader that stands on the node would go on in the wrong list.</item>
/// <item>No operation allocates. To remove or replace a node that is in no list fails an assertion.</item>
/// </list>
/// <para>Kernel: include/linux/rculist.h.</para>
/// </remarks>
[DebuggerDisplay("head {_head}")]
public sealed class RcuList
{
    private readonly RcuListNode _head;

    /// <summary>Creates an empty list. Kernel: INIT_LIST_HEAD().</summary>
    /// <param name="name">What a trace calls its head.</param>
    public RcuList(string name = "list")
        : this(new RcuListNode(name))
    {
    }

    /// <summary>Creates an empty list that is part of an object: when the object is freed, so is its head.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="name">What the list is in it.</param>
    public RcuList(SharedObject owner, string name)
        : this(new RcuListNode(owner, name))
    {
    }

    // The head is known to nobody yet; who publishes the list publishes it too.
    private RcuList(RcuListNode head)
    {
        _head = head;
        _head.Next.WriteOnce(_head);
        _head.Previous.Write(_head);
    }

    /// <summary>The first node, or null: where a reader begins. Kernel: list_first_or_null_rcu().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public RcuListNode? First([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Next(_head, file, line);

    /// <summary>
    /// The node behind one that the same reader has found, or null at the end. Kernel: list_next_or_null_rcu(), the step of
    /// list_for_each_entry_rcu().
    /// </summary>
    /// <param name="node">A node of this list, or one that was removed since this reader began.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public RcuListNode? Next(
        RcuListNode node, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        // Acquire pairs with the release in Insert and Replace: a node that is found is complete.
        RcuListNode? next = node.Next.LoadAcquire(file, line);
        return next == _head ? null : next;
    }

    /// <summary>Whether nothing is in it; asked by an updater. Kernel: list_empty().</summary>
    public bool IsEmpty => _head.Previous.Read() == _head;

    /// <summary>Puts a node in front. Kernel: list_add_rcu().</summary>
    /// <param name="node">A node in no list, and, if it was in one, a grace period later.</param>
    public void AddFirst(RcuListNode node) => Insert(node, _head, _head.Next.ReadOnce()!);

    /// <summary>Puts a node at the end. Kernel: list_add_tail_rcu().</summary>
    /// <param name="node">A node in no list, and, if it was in one, a grace period later.</param>
    public void AddLast(RcuListNode node) => Insert(node, _head.Previous.Read()!, _head);

    /// <summary>Puts a node behind another one. Kernel: list_add_rcu() with an entry for the head.</summary>
    /// <param name="node">A node in no list, and, if it was in one, a grace period later.</param>
    /// <param name="previous">A node of this list.</param>
    public static void AddAfter(RcuListNode node, RcuListNode previous)
    {
        RequireListed(previous);
        Insert(node, previous, previous.Next.ReadOnce()!);
    }

    /// <summary>
    /// Takes a node out. Readers may stand on it until a grace period is over. Kernel: list_del_rcu().
    /// </summary>
    /// <param name="node">A node in a list.</param>
    public static void Remove(RcuListNode node)
    {
        RequireListed(node);
        RcuListNode previous = node.Previous.Read()!;
        RcuListNode next = node.Next.ReadOnce()!;

        // Relaxed: what is behind the node was published when it was put there.
        next.Previous.Write(previous);
        previous.Next.WriteOnce(next);
        node.Previous.Write(null);
    }

    /// <summary>Puts a node in the place of another one, in one step for readers. Kernel: list_replace_rcu().</summary>
    /// <param name="old">A node in a list; afterwards as after <see cref="Remove"/>.</param>
    /// <param name="node">A node in no list, and, if it was in one, a grace period later.</param>
    public static void Replace(RcuListNode old, RcuListNode node)
    {
        RequireListed(old);
        Execution.Assert(!node.IsListed, "a node is in one list at a time");
        RcuListNode previous = old.Previous.Read()!;
        RcuListNode next = old.Next.ReadOnce()!;

        // Relaxed: the release below publishes it.
        node.Next.WriteOnce(next);
        node.Previous.Write(previous);
        next.Previous.Write(node);

        // Release pairs with the acquire in Next.
        previous.Next.StoreRelease(node);
        old.Previous.Write(null);
    }

    private static void Insert(RcuListNode node, RcuListNode previous, RcuListNode next)
    {
        Execution.Assert(!node.IsListed, "a node is in one list at a time");

        // Relaxed: the release below publishes it.
        node.Next.WriteOnce(next);
        node.Previous.Write(previous);
        next.Previous.Write(node);

        // Release pairs with the acquire in Next.
        previous.Next.StoreRelease(node);
    }

    private static void RequireListed(RcuListNode node) =>
        Execution.Assert(node.IsListed, "a node that is removed, replaced or built upon is in a list");
}
