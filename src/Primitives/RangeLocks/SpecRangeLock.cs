using System.Diagnostics;

namespace RcuModel.Primitives;

// As SpecRwsem, with ranges: two specification locks. Readers share the first. Writers exclude each other by the second, and then
// everybody by the first. To become a reader a writer leaves its range of the first, in between readers may enter, which they may then
// anyway, and enters it again as a reader; nobody can be in the way, because it has kept its range of the second. Where no writer ever
// becomes a reader the second is not there, and to write is one step.

/// <summary>
/// A lock of ranges as specification, for models at lock grain: it stands for each of the kinds whose ranges are what was asked for,
/// behind the same interface. Readers commute, disjoint ranges commute.
/// </summary>
/// <remarks>
/// <para>Specification: that of <see cref="RangeLock"/>, and</para>
/// <list type="bullet">
/// <item>Order: none; whoever can enter may.</item>
/// <item>If it was made for writers that become readers, an attempt to write is refused also because of a writer that waits, gives up, or is
/// refused at the same time.</item>
/// <item>Then, too, a writer that waits for readers keeps writers out, those of other ranges included, and their attempts are refused. So a thread that
/// holds a range as a reader may wait for another one as a writer only if no wait of a writer overlaps both. Writers in address order do not
/// wait for each other for ever.</item>
/// <item>Nodes: what to give back. Nobody but its thread ever looks at one.</item>
/// </list>
/// <para>
/// What it does not show is what a kind does beyond that: that readers which wait exclude writers too (the tree, and in part the
/// list); that the range is the full one when all slots are taken, and that two attempts in slots may refuse each other; and the
/// collisions of <see cref="HashedRangeLock"/>, which is its own specification if it is made of semaphores at lock grain.
/// Kernel: struct range_lock_tree of the patches of Kara and Bueso; not merged.
/// </para>
/// </remarks>
[DebuggerDisplay("{_lock}")]
public class SpecRangeLock : RangeLock
{
    private readonly SpecLock _lock;
    private readonly SpecLock? _writers;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    public SpecRangeLock(string name = nameof(SpecRangeLock))
        : base(name, LockUse.Read)
    {
        _lock = new SpecLock(name, LockWait.Sleeps, watched: false);
        _writers = new SpecLock($"{name}.writers", watched: false);
    }

    /// <summary>Creates a lock that is a part of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the lock.</param>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="downgrades">Whether a writer may become a reader; if none does, writers have a step less each way.</param>
    public SpecRangeLock(SharedObject owner, string name, bool downgrades = true)
        : base(name, LockUse.Read, owner)
    {
        _lock = new SpecLock(owner, name, LockWait.Sleeps, watched: false);
        if (downgrades)
            _writers = new SpecLock(owner, $"{name}.writers", watched: false);
    }

    internal override bool IsIdle
    {
        get
        {
            if (!_lock.TryAcquire())
                return false;
            _lock.Release();
            if (_writers is null)
                return true;
            if (!_writers.TryAcquire())
                return false;
            _writers.Release();
            return true;
        }
    }

    /// <inheritdoc/>
    public override RangeNode NewNode(string name = "node") => new SpecNode(name);

    private protected override bool TryTake(RangeNode node, LockMode mode, ulong first, ulong last) =>
        Come(node, mode, first, last, waits: false, null);

    private protected override bool Take(RangeNode node, LockMode mode, ulong first, ulong last, Func<bool>? givesUp) =>
        Come(node, mode, first, last, waits: true, givesUp);

    private protected override void BecomeReader(RangeNode node)
    {
        Execution.Assert(_writers is not null, "a writer becomes a reader only of a lock at lock grain that was made for it");
        var mine = (SpecNode)node;
        mine.Writes = false;
        Left();
        Downgrade(_lock, _writers!, mine.First, mine.Last);
    }

    private protected override void GiveBack(RangeNode node)
    {
        var mine = (SpecNode)node;
        if (mine.Writes)
            Left();

        // First what nobody but writers asks for: whoever comes in behind us finds nothing of us in his way, nor do we touch the lock
        // any more.
        if (mine.Writes)
            _writers?.Release(LockMode.Write, mine.First, mine.Last);
        _lock.Release(mine.Writes ? LockMode.Write : LockMode.Read, mine.First, mine.Last);
    }

    /// <summary>Leaves a range of the first lock and enters it again as a reader; other writers are kept out by the second.</summary>
    internal virtual void Downgrade(SpecLock all, SpecLock writers, ulong first, ulong last)
    {
        all.Release(LockMode.Write, first, last);
        all.Acquire(LockMode.Read, first, last);
        writers.Release(LockMode.Write, first, last);
    }

    /// <summary>Enters if that needs no waiting.</summary>
    internal virtual bool TryEnter(SpecLock one, LockMode mode, ulong first, ulong last) => one.TryAcquire(mode, first, last);

    /// <summary>Who gives up, or is refused, does not keep writers out any more.</summary>
    internal virtual void LeaveWriters(ulong first, ulong last) => _writers?.Release(LockMode.Write, first, last);

    /// <summary>A writer is inside now.</summary>
    private protected virtual void Entered()
    {
    }

    /// <summary>A writer leaves, or becomes a reader.</summary>
    private protected virtual void Left()
    {
    }

    /// <summary>Waits until no writer holds a range that overlaps one.</summary>
    private protected void AwaitWriters(ulong first, ulong last)
    {
        _lock.Acquire(LockMode.Read, first, last);
        _lock.Release(LockMode.Read, first, last);
    }

    /// <summary>Whether a writer holds a range that overlaps one.</summary>
    private protected bool HasWriters(ulong first, ulong last)
    {
        if (!_lock.TryAcquire(LockMode.Read, first, last))
            return true;
        _lock.Release(LockMode.Read, first, last);
        return false;
    }

    private bool Come(RangeNode node, LockMode mode, ulong first, ulong last, bool waits, Func<bool>? givesUp)
    {
        Execution.Assert(first <= last, "a range does not end before it begins");
        ((SpecNode)node).Set(mode, first, last);
        if (mode == LockMode.Read)
            return Enter(_lock, LockMode.Read, first, last, waits, givesUp);
        if (_writers is not null && !Enter(_writers, LockMode.Write, first, last, waits, givesUp))
            return false;
        if (Enter(_lock, LockMode.Write, first, last, waits, givesUp))
        {
            Entered();
            return true;
        }

        LeaveWriters(first, last);
        return false;
    }

    private bool Enter(SpecLock one, LockMode mode, ulong first, ulong last, bool waits, Func<bool>? givesUp)
    {
        if (!waits)
            return TryEnter(one, mode, first, last);
        if (givesUp is null)
        {
            one.Acquire(mode, first, last);
            return true;
        }

        var wait = default(Backoff);
        while (!one.TryAcquire(mode, first, last))
        {
            // Under a controller, to poll until it succeeds is to wait.
            bool controlled = Hook.Enabled && Hook.Current is not null;
            if (controlled && Execution.Choose(2) == 0)
                return Enter(one, mode, first, last, waits: true, null);
            if (controlled || givesUp())
            {
                Execution.Reached("gave up");
                return false;
            }

            wait.Once();
        }

        return true;
    }

    private sealed class SpecNode(string name) : RangeNode(name)
    {
        [ThreadPrivate("who holds a range with the node")]
        public bool Writes;

        [ThreadPrivate("who holds a range with the node")]
        public ulong First;

        [ThreadPrivate("who holds a range with the node")]
        public ulong Last;

        public void Set(LockMode mode, ulong first, ulong last)
        {
            Writes = mode == LockMode.Write;
            First = first;
            Last = last;
        }
    }
}
