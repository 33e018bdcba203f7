using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>A spinlock as the checks see it: threads have numbers, so that those locks that want nodes find them.</summary>
internal abstract class TestedLock
{
    public abstract bool IsLocked { get; }

    public abstract void Lock(int thread);

    public abstract bool TryLock(int thread);

    public abstract void Unlock(int thread);

    /// <summary>Whether somebody waits, asked by the holder.</summary>
    public abstract bool IsContended(int thread);

    /// <summary>Ends the life of the lock itself, not of what waiters bring along.</summary>
    public abstract void Free();

    /// <summary>Ends the life of what a thread brought along, if anything.</summary>
    public abstract void FreeNode(int thread);
}

/// <summary><see cref="TicketSpinlock"/>.</summary>
internal sealed class TestedTicketSpinlock : TestedLock
{
    private readonly TicketSpinlock _lock = new("lock");

    public override bool IsLocked => _lock.IsLocked;

    public override void Lock(int thread) => _lock.Lock();

    public override bool TryLock(int thread) => _lock.TryLock();

    public override void Unlock(int thread) => _lock.Unlock();

    public override bool IsContended(int thread) => _lock.IsContended;

    public override void Free() => _lock.Free();

    public override void FreeNode(int thread)
    {
    }
}

/// <summary><see cref="TasSpinlock"/>. It does not know whether somebody waits, and no check of it asks.</summary>
internal sealed class TestedTasSpinlock : TestedLock
{
    private readonly TasSpinlock _lock = new("lock");

    public override bool IsLocked => _lock.IsLocked;

    public override void Lock(int thread) => _lock.Lock();

    public override bool TryLock(int thread) => _lock.TryLock();

    public override void Unlock(int thread) => _lock.Unlock();

    public override bool IsContended(int thread) => throw new NotSupportedException();

    public override void Free() => _lock.Free();

    public override void FreeNode(int thread)
    {
    }
}

/// <summary><see cref="QueuedSpinlock"/>, whose nodes are the thread's.</summary>
internal sealed class TestedQueuedSpinlock : TestedLock
{
    private readonly QueuedSpinlock _lock = new("lock");

    public bool HasQueue => _lock.Value >> 16 != 0;

    /// <summary>The calling thread uses some of its nodes, and never ends that.</summary>
    public static void TakeNodes(int count)
    {
        for (int i = 0; i < count; i++)
            QueuedSpinlock.Nodes.OfThread.Take();
    }

    /// <summary>The calling thread's next node looks as if it had had a successor, and been handed the first place.</summary>
    public static void SoilNode()
    {
        QueuedSpinlock.Nodes nodes = QueuedSpinlock.Nodes.OfThread;
        QueuedSpinlock.Node node = nodes.Take()!;
        node.Next.StoreRelease(nodes.Take());
        node.Locked.StoreRelease(1);
        nodes.GiveBack();
        nodes.GiveBack();
    }

    public override bool IsLocked => _lock.IsLocked;

    public override void Lock(int thread) => _lock.Lock();

    public override bool TryLock(int thread) => _lock.TryLock();

    public override void Unlock(int thread) => _lock.Unlock();

    public override bool IsContended(int thread) => _lock.IsContended;

    public override void Free() => _lock.Free();

    public override void FreeNode(int thread)
    {
    }
}

/// <summary><see cref="McsSpinlock"/>, with a node for each thread.</summary>
internal sealed class TestedMcsSpinlock : TestedLock
{
    private readonly McsSpinlock _lock = new("lock");

    private readonly McsSpinlock.Node _node0 = new("node0");
    private readonly McsSpinlock.Node _node1 = new("node1");
    private readonly McsSpinlock.Node _node2 = new("node2");

    public override bool IsLocked => _lock.IsLocked;

    public override void Lock(int thread) => _lock.Lock(NodeOf(thread));

    public override bool TryLock(int thread) => _lock.TryLock(NodeOf(thread));

    public override void Unlock(int thread) => _lock.Unlock(NodeOf(thread));

    public override bool IsContended(int thread) => _lock.IsContended(NodeOf(thread));

    public override void Free() => _lock.Free();

    public override void FreeNode(int thread) => NodeOf(thread).Free();

    private McsSpinlock.Node NodeOf(int thread) => thread switch
    {
        0 => _node0,
        1 => _node1,
        _ => _node2,
    };
}

/// <summary>A test-and-set lock: exclusive, but whoever comes last may enter first.</summary>
internal sealed class TestedUnfairLock : TestedLock
{
    private Cell<int> _locked = new(0, "locked");
    private Cell<int> _waiters = new(0, "waiters");

    public override bool IsLocked => _locked.ReadOnce() != 0;

    public override void Lock(int thread)
    {
        _waiters.FetchAdd(1);
        _locked.AwaitExchange(0, 1);
        _waiters.FetchAdd(-1);
    }

    public override bool TryLock(int thread) => _locked.CompareExchange(0, 1) == 0;

    public override void Unlock(int thread) => _locked.StoreRelease(0);

    public override bool IsContended(int thread) => _waiters.ReadOnce() != 0;

    public override void Free()
    {
    }

    public override void FreeNode(int thread)
    {
    }
}
