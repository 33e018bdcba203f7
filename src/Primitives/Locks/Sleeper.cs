namespace RcuModel.Primitives;

/// <summary>
/// A thread as those see it who put it to sleep and wake it. It outlives every wait of its thread, so whoever is about to
/// wake a thread takes hold of this first, lets the thread go, and wakes it afterwards.
/// </summary>
/// <remarks>Kernel: struct task_struct as far as sleeping goes, and struct wake_q_head.</remarks>
internal sealed class Sleeper
{
    private static readonly ModelLocal<Sleeper> s_ofThread = new(static () => new Sleeper());

    // Whom this thread will wake once it has left the wait lock: waking takes long, and needs nothing that the lock protects.
    [ThreadPrivate("the thread itself")]
    private Sleeper[] _toWake = new Sleeper[4];

    [ThreadPrivate("the thread itself")]
    private int _toWakeCount;

    [ThreadPrivate("the thread itself")]
    private Waiter? _atRest;

    /// <summary>The calling thread.</summary>
    public static Sleeper OfThread => s_ofThread.Value;

    /// <summary>A number of the calling thread that no other thread has at the same time: at least 1, below 2^29.</summary>
    public static int Number => Hook.Enabled && Hook.Current is { } thread
        ? thread.Index + 1
        : FreeThread.Number;

    /// <summary>
    /// Whether a thread slept a moment ago, as far as it can be known: a real thread that is parked in a lock, a completion or a grace
    /// period of this library says so; one that has lost its CPU, polls, or sleeps elsewhere, cannot be told from one that runs.
    /// </summary>
    /// <param name="number">Its <see cref="Number"/>, or 0 for nobody.</param>
    /// <remarks>Kernel: owner_on_cpu().</remarks>
    public static bool IsAsleep(int number) => !(Hook.Enabled && Hook.Current is not null) && FreeThread.IsAsleep(number);

    /// <summary>The thread's <see cref="Number"/>.</summary>
    public int Id { get; } = Number;

    /// <summary>Where the thread sleeps, if it is real.</summary>
    public Parking Parking { get; } = new();

    /// <summary>Will wake a thread in <see cref="WakeAll"/>. Kernel: wake_q_add_safe().</summary>
    public void WakeLater(Sleeper other)
    {
        if (_toWakeCount == _toWake.Length)
            Array.Resize(ref _toWake, _toWakeCount * 2);
        _toWake[_toWakeCount++] = other;
    }

    /// <summary>Wakes whom it has promised to. Kernel: wake_up_q().</summary>
    public void WakeAll()
    {
        for (int i = 0; i < _toWakeCount; i++)
        {
            _toWake[i].Parking.Wake();
            _toWake[i] = null!;
        }

        _toWakeCount = 0;
    }

    /// <summary>A node for a wait that begins. A thread waits for one thing at a time, so one node serves all its waits.</summary>
    public Waiter BeginWait(bool writes)
    {
        Waiter? node = _atRest;
        _atRest = null;

        // Under a controller each wait has a node of its own, which is freed at its end: who touches it later is found.
        if (node is null || (Hook.Enabled && Hook.Current is not null))
            return new Waiter(this, writes);
        node.Begin(writes);
        return node;
    }

    /// <summary>The wait is over, and so is the node's life.</summary>
    public void EndWait(Waiter node)
    {
        // A node at rest holds no other alive.
        node.Next.Write(null);
        node.Free();
        _atRest = node;
    }

    /// <inheritdoc/>
    public override string ToString() => "sleeper";
}
