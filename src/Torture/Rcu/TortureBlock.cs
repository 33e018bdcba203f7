using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>
/// What readers look at. It is free, then current, then removed and a grace period older with each step of its age, and free
/// again at the end. Kernel: struct rcu_torture.
/// </summary>
internal sealed class TortureBlock : SharedObject
{
    /// <summary>
    /// 0 while it is current, 1 when it has been removed, one more after each grace period. A reader that sees 2 has begun
    /// before the grace period that made it 2, and is still under way. Kernel: rtort_pipe_count.
    /// </summary>
    public Cell<int> Age;

    // 1 from before it is published until it is freed, and plain: only the publication brings it to readers, and only the
    // grace periods keep it. Kernel: rtort_mbtest.
    private Plain<int> _complete;

    // A reader's own word is 1 while it looks. Relaxed stores: only the grace period brings them to the updater.
    private readonly Cell<int>[] _lookers;

    public TortureBlock(int number, int lookers)
        : base("block")
    {
        Number = number;
        Head = new RcuHead(this);
        Age = new Cell<int>(this, 0, "age");
        _complete = new Plain<int>(this, 0, "complete");
        _lookers = Cell<int>.Array(lookers, 0, "lookers");
    }

    /// <summary>From 1; what is printed for its address.</summary>
    public int Number { get; }

    /// <summary>For callbacks that make it older.</summary>
    public RcuHead Head { get; }

    /// <summary>Whether a reader finds it as it was when it was published.</summary>
    public bool IsComplete => _complete.Read() == 1;

    /// <summary>The updater, before it publishes.</summary>
    public void Complete() => _complete.Write(1);

    /// <summary>The updater, when it frees.</summary>
    public void Spoil() => _complete.Write(0);

    /// <summary>A reader notes that it looks, or has done so, within its section.</summary>
    public void Note(int looker, bool looks) => _lookers[looker].WriteOnce(looks ? 1 : 0);

    /// <summary>For the updater after the first grace period since the removal: nobody can.</summary>
    public bool IsLookedAt()
    {
        for (int i = 0; i < _lookers.Length; i++)
        {
            if (_lookers[i].ReadOnce() != 0)
                return true;
        }

        return false;
    }
}
