using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// The keys are the indices of folios, which stay when memory moves. Several VMAs of an mm may have the same index, if memory was
// moved away and new memory was mapped where it had been; but no two of them at the same distance, for they would lie at one address.
// So the table is a set of pairs of index and offset, one for each page of a faulted VMA that lies elsewhere. While pages move both
// their places are in it.
//
//   index        0        4        8       12
//                |--------|--------|--------|
//   offsets      | +256   | +4 +256|  +4    |     two VMAs whose indices overlap by half

/// <summary>
/// Where the faulted VMAs of an mm are that do not lie where the index of their folios says: from ranges of indices to sets of offsets
/// in pages, so that a folio may be at its index plus any of them. Offset 0 is never in it; everybody looks there anyway.
/// </summary>
/// <remarks>
/// <para>Changed under a lock of its own, with the mmap lock held, for reading at least: a munmap that has gone on as a reader, and a
/// first fault, may come at once. Readers are readers of RCU.</para>
/// <para>Kernel of the proposal: remap_mt with remaps_entry, under concurrent_unmap_lock.</para>
/// </remarks>
public sealed class RemapTable
{
    private readonly MmSystem _system;
    private readonly CowBugs _bugs;
    private readonly Action<SharedObject> _freeLater;
    private readonly MapleTree _tree;
    private readonly GrainSpinlock _lock;

    internal RemapTable(CowContext context, MmSystem system, CowBugs bugs)
    {
        _system = system;
        _bugs = bugs;

        // At lock grain nobody frees its nodes, and what is in them never changes.
        _freeLater = system.Config.Grain == Grain.Locks ? static _ => { } : node => system.Rcu.Free(node);
        _tree = new MapleTree(_freeLater, system.Config.MapleCapacity, name: "remap_mt");
        _lock = new GrainSpinlock(context, "concurrent_unmap_lock", system.Config.Grain);
    }

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => _tree.IsEmpty;

    /// <summary>How many nodes its tree has; for who keeps it still.</summary>
    public int Nodes => _tree.CountNodes();

    /// <summary>What is said of an index; null for nothing. By a reader of RCU.</summary>
    /// <param name="index">The index.</param>
    public RemapEntry? Lookup(long index) => (RemapEntry?)_tree.Load((ulong)index);

    /// <summary>All that is said of any of a range of indices. By a reader of RCU.</summary>
    /// <param name="first">The first index.</param>
    /// <param name="last">The last index.</param>
    /// <param name="offsets">Gets the offsets.</param>
    internal void CollectOffsets(long first, long last, ISet<long> offsets)
    {
        var state = new MapleState(_tree, (ulong)first);
        while (state.Find((ulong)last) is RemapEntry entry)
        {
            for (int i = 0; i < entry.Count; i++)
                offsets.Add(entry[i]);
        }
    }

    /// <summary>The least offset above another that is said of any of a range of indices; null if there is none. By a reader of RCU.</summary>
    /// <param name="first">The first index.</param>
    /// <param name="last">The last index.</param>
    /// <param name="above">The other offset.</param>
    internal long? NextOffset(long first, long last, long above)
    {
        long? next = null;
        var state = new MapleState(_tree, (ulong)first);
        while (state.Find((ulong)last) is RemapEntry entry)
        {
            for (int i = 0; i < entry.Count; i++)
            {
                long offset = entry[i];
                if (offset > above && !(offset >= next))
                    next = offset;
            }
        }

        return next;
    }

    /// <summary>All ranges and what is said of them, at a moment when nobody changes them.</summary>
    public IReadOnlyList<(long First, long Last, RemapEntry Entry)> Ranges()
    {
        var ranges = new List<(long, long, RemapEntry)>();
        var state = new MapleState(_tree, 0);
        while (state.Find() is RemapEntry entry)
            ranges.Add(((long)state.Index, (long)state.Last, entry));
        return ranges;
    }

    /// <summary>Says that the folios of a range of indices may be at an offset, too.</summary>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="offset">The offset, which is not 0.</param>
    internal void Add(long first, long last, long offset)
    {
        Lock();
        for (long at = first; at <= last;)
        {
            Piece piece = PieceAt(at, last);
            if (piece.Entry is null)
                _tree.Store((ulong)at, (ulong)piece.Last, Make(offset));
            else if (!piece.Entry.Contains(offset) && !(IsWhole(piece, at) && piece.Entry.TryInsert(offset)))
                Replace(piece, at, piece.Entry.With(offset));
            at = piece.Last + 1;
        }

        Unlock();
    }

    /// <summary>Says that no folio of a range of indices is at an offset any more.</summary>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="offset">The offset.</param>
    internal void Remove(long first, long last, long offset)
    {
        Lock();
        for (long at = first; at <= last;)
        {
            Piece piece = PieceAt(at, last);
            if (piece.Entry is not null && piece.Entry.Contains(offset) && !(IsWhole(piece, at) && piece.Entry.TryDelete(offset)))
                Replace(piece, at, piece.Entry.Without(offset));
            at = piece.Last + 1;
        }

        Unlock();
    }

    /// <summary>
    /// Bug D5: where a range of indices has an offset another takes its place, in the whole range of the entry, which may be longer; and
    /// is added elsewhere.
    /// </summary>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="oldOffset">The offset that goes.</param>
    /// <param name="newOffset">The one that comes.</param>
    internal void ReplaceWholly(long first, long last, long oldOffset, long newOffset)
    {
        foreach ((long from, long to, RemapEntry entry) in Ranges())
        {
            if (to < first || from > last || !entry.Contains(oldOffset))
                continue;
            Remove(from, to, oldOffset);
            if (newOffset != 0)
                Add(from, to, newOffset);
            return;
        }

        if (newOffset != 0)
            Add(first, last, newOffset);
    }

    /// <summary>Forgets everything; nobody changes it any more.</summary>
    internal void Destroy()
    {
        if (_tree.IsEmpty)
            return;
        foreach ((_, _, RemapEntry entry) in Ranges())
            _freeLater(entry);
        _tree.Destroy();
    }

    // What is at an index and behind it, as far as it is the same.
    private Piece PieceAt(long at, long last)
    {
        var state = new MapleState(_tree, (ulong)at);
        var entry = (RemapEntry?)state.Walk();
        return new Piece(entry, (long)state.Index, (long)Math.Min(state.Last, (ulong)last), state.Last);
    }

    // Puts another set in the place of one, from an index to the end of the piece. What is left of the old one's range before that
    // keeps it, what is left behind gets a copy, so that each range has one of its own to be freed with it.
    private void Replace(Piece piece, long at, RemapEntry? entry)
    {
        RemapEntry old = piece.Entry!;
        bool leavesFront = piece.First < at;
        bool leavesBack = piece.EntryLast > (ulong)piece.Last;
        if (leavesFront && leavesBack)
            _tree.Store((ulong)piece.Last + 1, piece.EntryLast, old.Copy());
        _tree.Store((ulong)at, (ulong)piece.Last, entry);
        if (leavesFront || leavesBack)
            return;
        if (Has(CowBugs.ArraysFreedAtOnce))
        {
            old.Free();
            return;
        }

        if (Has(CowBugs.FreesInReader))
        {
            _system.Rcu.ReadLock();
            _system.Rcu.Synchronize();
            _system.Rcu.ReadUnlock();
        }

        _freeLater(old);
    }

    private static bool IsWhole(Piece piece, long at) => piece.First == at && piece.EntryLast == (ulong)piece.Last;

    private RemapEntry Make(long offset)
    {
        if (Has(CowBugs.AllocatesUnderSpinlock))
            RcuChecks.MightSleep(nameof(Make));
        return Has(CowBugs.ArraysInPlace) ? new RemapArray([offset], Has(CowBugs.InsertLosesLast)) : new RemapEntry(offset);
    }

    private bool Has(CowBugs bug) => (_bugs & bug) != 0;

    private void Lock()
    {
        if (!Has(CowBugs.TableUnlocked))
            _lock.Lock();
    }

    private void Unlock()
    {
        if (!Has(CowBugs.TableUnlocked))
            _lock.Unlock();
    }

    // The entry's own range is from First to EntryLast, and Last is where it ends or what is asked for does.
    private readonly record struct Piece(RemapEntry? Entry, long First, long Last, ulong EntryLast);
}
