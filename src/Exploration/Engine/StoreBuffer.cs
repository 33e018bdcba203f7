using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>Stores of one thread that have not reached memory, the oldest first. Only under a memory model with buffers.</summary>
internal sealed class StoreBuffer
{
    /// <summary>A store on its way, or the release of a specification lock, which is one at bottom.</summary>
    public sealed class Entry
    {
        public Operation Op;
        public Location Location = null!;

        /// <summary>Which step of its thread it was.</summary>
        public ushort Index;

        /// <summary>What whoever acquires from it comes after: what the thread had done when it stored.</summary>
        public readonly ushort[] Published = new ushort[Clock.Lanes];
    }

    private readonly List<Entry> _entries = [];
    private readonly Stack<Entry> _unused = new();

    public bool IsEmpty => _entries.Count == 0;

    public Entry Oldest => _entries[0];

    /// <summary>Adds a store.</summary>
    public Entry Add(in Operation op, Location location, ushort index)
    {
        Entry entry = _unused.TryPop(out Entry? old) ? old : new Entry();
        entry.Op = op;
        entry.Location = location;
        entry.Index = index;
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Takes the oldest store away.</summary>
    public void RemoveOldest()
    {
        _unused.Push(_entries[0]);
        _entries.RemoveAt(0);
    }

    public void Clear()
    {
        while (!IsEmpty)
            RemoveOldest();
    }

    /// <summary>The newest store to a cell; null if there is none.</summary>
    public Entry? NewestTo(Location location)
    {
        for (int e = _entries.Count - 1; e >= 0; e--)
        {
            if (ReferenceEquals(_entries[e].Location, location))
                return _entries[e];
        }

        return null;
    }
}
