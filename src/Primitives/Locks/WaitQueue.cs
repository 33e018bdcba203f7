namespace RcuModel.Primitives;

/// <summary>
/// The threads that wait for a sleeping lock, in the order in which they came, and the spinlock that protects the queue. Who
/// holds it does not sleep, and nobody waits for anything else while he holds it.
/// </summary>
/// <remarks>Kernel: wait_lock and wait_list of struct rw_semaphore and struct mutex; struct swait_queue_head.</remarks>
internal struct WaitQueue
{
    // A test-and-set lock, because as few steps as can be are taken inside and each of them is explored.
    private Cell<int> _lock;
    private PlainRef<Waiter> _first;
    private PlainRef<Waiter> _last;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="owner">What it is a part of.</param>
    public WaitQueue(SharedObject owner)
    {
        _lock = new Cell<int>(owner, 0, "waitLock");
        _first = new PlainRef<Waiter>(owner, null, "first");
        _last = new PlainRef<Waiter>(owner, null, "last");
    }

    /// <summary>Who has waited longest.</summary>
    public Waiter? First => _first.Read();

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => _first.Read() is null;

    /// <summary>Takes the wait lock.</summary>
    public void Lock()
    {
        // Acquire pairs with the release in Unlock.
        _lock.AwaitExchange(0, 1, Order.Acquire);
    }

    /// <summary>Gives the wait lock back.</summary>
    public void Unlock()
    {
        // Release pairs with the acquire in Lock.
        _lock.StoreRelease(0);
    }

    /// <summary>Puts a thread behind all others.</summary>
    public void Add(Waiter waiter)
    {
        waiter.Next.Write(null);
        if (_first.Read() is null)
            _first.Write(waiter);
        else
            _last.Read()!.Next.Write(waiter);
        _last.Write(waiter);
    }

    /// <summary>Takes a thread out.</summary>
    /// <param name="before">The one in front of it; null for the first.</param>
    /// <param name="waiter">The thread.</param>
    public void Remove(Waiter? before, Waiter waiter)
    {
        Waiter? behind = waiter.Next.Read();
        if (before is null)
            _first.Write(behind);
        else
            before.Next.Write(behind);
        if (behind is null)
            _last.Write(before);
    }

    /// <summary>Takes a thread out, wherever it stands.</summary>
    public void Remove(Waiter waiter)
    {
        Waiter? before = null;
        for (Waiter? other = _first.Read(); other is not null && other != waiter; other = other.Next.Read())
            before = other;
        Remove(before, waiter);
    }
}
