using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// A place in the memory of an execution. It is found again in every execution under its name (allocating thread, its
/// n-th allocation, field), so the object is made once and reset.
/// </summary>
internal sealed class Location(int place)
{
    /// <summary>Its number, the same in all machines.</summary>
    public readonly int Place = place;

    public string Name = "";
    public Type ValueType = typeof(long);
    public int Size;
    public bool IsLock;
    public SharedMemory? Owner;

    /// <summary>What it holds now, and what it held when it was made.</summary>
    public CellValue Value;
    public CellValue Initial;

    /// <summary>Who holds the lock, if it is one.</summary>
    public readonly List<Access> Holders = [];

    // The chain of steps that touch this location in the trace under construction; Trace keeps these.
    public int LastOccurrence = -1;
    public int LastWrite = -1;

    /// <summary>What a reader that acquires from here comes after; null until somebody has released to it.</summary>
    public ushort[]? Released;
    public bool HasReleased;

    // Once a part of the word has been written on its own: the same of each byte. A store to one part ends no release
    // sequence of another, as the store to the pending byte of a queued spinlock does not undo what its unlock published.
    private ushort[]? _parts;
    private bool _hasParts;

    // For locks: what each release published, by how the lock was held. Only a holder that excluded it comes after one.
    private readonly List<(LockMode Mode, ulong First, ulong Last, ushort[] Clock)> _releases = [];
    private int _releaseCount;

    /// <summary>For a specification of RCU: who reads; null for anything else.</summary>
    public RcuState? Rcu;

    // Plain accesses: the last write, and the last read of each thread, as synchronisation epochs.
    public int PlainWriter;
    public ushort PlainWriteEpoch;
    public ushort[]? PlainReads;
    public bool HasPlainReads;

    public bool IsReference => Size == 0 && !IsLock;

    public long Mask => Size switch { 1 => 0xff, 2 => 0xffff, 4 => 0xffff_ffff, _ => -1 };

    /// <summary>Begins its life in a new execution.</summary>
    public void Reset(SharedMemory? owner, string name, Type type, int size, bool isLock, CellValue initial)
    {
        Owner = owner;
        Name = name;
        ValueType = type;
        Size = size;
        IsLock = isLock;
        Value = initial;
        Initial = initial;
        Holders.Clear();
        HasReleased = false;
        _hasParts = false;
        Rcu?.Reset();
        _releaseCount = 0;
        PlainWriter = -1;
        PlainWriteEpoch = 0;
        HasPlainReads = false;
    }

    /// <summary>A lock is given back: who takes it in a way that this excluded comes after all that was done.</summary>
    public void KeepRelease(in Operation op, ref ushort clock)
    {
        if (_releaseCount == _releases.Count)
            _releases.Add((op.Mode, 0, 0, new ushort[Clock.Lanes]));
        ushort[] row = _releases[_releaseCount].Clock;
        Clock.Copy(ref row[0], ref clock);
        _releases[_releaseCount++] = (op.Mode, (ulong)op.A, (ulong)op.B, row);
    }

    /// <summary>A lock is taken: what those did who excluded this holder comes before.</summary>
    public void JoinReleases(in Operation op, ref ushort clock)
    {
        for (int r = 0; r < _releaseCount; r++)
        {
            (LockMode mode, ulong first, ulong last, ushort[] row) = _releases[r];
            if ((mode == LockMode.Write || op.Mode == LockMode.Write) && first <= (ulong)op.B && (ulong)op.A <= last)
                Clock.Join(ref clock, ref row[0]);
        }

        // Who takes all of it alone has joined everything, and passes it on.
        if (op is { Mode: LockMode.Write, A: 0, B: -1 })
            _releaseCount = 0;
    }

    /// <summary>Makes what a thread has done so far visible to whoever acquires from here.</summary>
    public void Release(ref ushort clock, bool keepEarlier, in Operation op)
    {
        Released ??= new ushort[Clock.Lanes];
        if (op.FieldBits != 0 || (_hasParts && keepEarlier))
        {
            ReleaseParts(ref clock, keepEarlier, op);
            return;
        }

        if (keepEarlier && HasReleased)
            Clock.Join(ref Released[0], ref clock);
        else
            Clock.Copy(ref Released[0], ref clock);
        HasReleased = true;
        _hasParts = false;
    }

    /// <summary>What a read of the word, or of a part of it, takes in.</summary>
    public void JoinReleased(ref ushort into, in Operation op)
    {
        if (op.FieldBits == 0 || !_hasParts)
        {
            Clock.Join(ref into, ref Released![0]);
            return;
        }

        for (int part = op.FieldShift / 8; part < (op.FieldShift + op.FieldBits) / 8; part++)
            Clock.Join(ref into, ref _parts![part * Clock.Lanes]);
    }

    private void ReleaseParts(ref ushort clock, bool keepEarlier, in Operation op)
    {
        _parts ??= new ushort[sizeof(ulong) * Clock.Lanes];
        if (!_hasParts)
        {
            for (int part = 0; part < sizeof(ulong); part++)
            {
                if (HasReleased)
                    Clock.Copy(ref _parts[part * Clock.Lanes], ref Released![0]);
                else
                    Clock.Fill(ref _parts[part * Clock.Lanes], 0);
            }
        }

        int first = op.FieldBits == 0 ? 0 : op.FieldShift / 8;
        int end = op.FieldBits == 0 ? sizeof(ulong) : (op.FieldShift + op.FieldBits) / 8;
        for (int part = first; part < end; part++)
        {
            if (keepEarlier)
                Clock.Join(ref _parts[part * Clock.Lanes], ref clock);
            else
                Clock.Copy(ref _parts[part * Clock.Lanes], ref clock);
        }

        Clock.Fill(ref Released![0], 0);
        for (int part = 0; part < sizeof(ulong); part++)
            Clock.Join(ref Released[0], ref _parts[part * Clock.Lanes]);
        HasReleased = true;
        _hasParts = true;
    }
}
