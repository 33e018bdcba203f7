using System.Diagnostics;

namespace RcuModel.Primitives;

/// <summary>
/// A node of a <see cref="MapleTree"/>: some ranges, each up to a pivot, one behind the other without gaps, and for each
/// of them an entry, nothing, or a node below. As long as a tree is in RCU mode, only slots of a node change once it is
/// published; pivots and count are plain, and a change would be reported as a data race.
/// </summary>
/// <remarks>
/// <para>
/// Who has replaced it first publishes what replaces it, then marks it dead, and only then takes its first slot for the list
/// of nodes that are to be freed: the kernel's rcu_head lies over the slots in the same way. A reader reads a slot first and
/// then asks whether the node is dead: if it is not, what has been read was an entry.
/// </para>
/// <para>
/// Kernel: struct maple_node. There a node is dead if its parent pointer points to itself; ways up are found from the root here, so
/// nothing but the mark is left of that pointer.
/// </para>
/// </remarks>
[DebuggerDisplay("{Count} slots")]
internal sealed class MapleNode : SharedObject
{
    internal readonly Ref<object>[] Slots;

    // The last of each slot's range; of the last slot too.
    internal readonly Plain<ulong>[] Pivots;
    internal Plain<int> Count;
    internal Cell<bool> Dead;

    public MapleNode(int capacity, bool mustFree)
        : base("maple", mustFree)
    {
        Slots = new Ref<object>[capacity];
        Pivots = new Plain<ulong>[capacity];
        Count = new Plain<int>(this, 0, "count");
        Dead = new Cell<bool>(this, false, "dead");
        if (!Hook.Enabled || Hook.Current is null)
            return;
        for (int i = 0; i < capacity; i++)
        {
            Slots[i] = new Ref<object>(this, null, CellNames.Element("slots", i));
            Pivots[i] = new Plain<ulong>(this, 0, CellNames.Element("pivots", i));
        }
    }

    /// <summary>The next in a list of nodes that are allocated and not used yet.</summary>
    [ThreadPrivate("whoever has allocated it, until it is used")]
    internal MapleNode? NextSpare { get; set; }

    /// <summary>Writes what the node consists of. Nobody else may read it yet, or at all.</summary>
    internal void Fill(ReadOnlySpan<ulong> lasts, ReadOnlySpan<object?> values)
    {
        int before = Count.Read();
        for (int i = 0; i < lasts.Length; i++)
        {
            Pivots[i].Write(lasts[i]);

            // Relaxed: whoever publishes the node publishes its slots.
            Slots[i].WriteOnce(values[i]);
        }

        for (int i = lasts.Length; i < before; i++)
            Slots[i].WriteOnce(null);
        Count.Write(lasts.Length);
    }
}
