namespace RcuModel.Primitives;

// Who waits for a cell and who changes it meet here. Under a controller a wait is one await of the cell and nothing else.
// On real threads the waiter looks some times, then sleeps on the monitor:
//
//   sleeper: sleepers++                waker: writes the cell
//            full barrier                     full barrier
//            looks at the cell                looks at sleepers
//
// Of the two looks at least one sees what the other side wrote, so either nobody sleeps or somebody is woken. The sleeper
// looks while it holds the monitor, which the waker needs, so no wake-up falls between its look and its sleep.

/// <summary>
/// Puts real threads to sleep until a cell changes. Cells and the code around them are the same under a controller; only
/// the sleeping itself, which a controller has no use for, lives here.
/// </summary>
/// <remarks>Kernel: futex(FUTEX_WAIT) and futex(FUTEX_WAKE).</remarks>
internal sealed class Parking
{
    // About two microseconds of looking before a sleep that costs as much by itself.
    private const int LooksMax = 40;
    private const int SpinsPerLook = 20;

    private readonly object _monitor = new();
    private int _sleepers;

    /// <summary>Waits until the cell no longer holds a value.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="value">The value.</param>
    /// <param name="order">The order of the look that ends the wait.</param>
    /// <param name="turns">
    /// For a wait that is mostly short: how many turns a real thread waits awake, most of which give its CPU away. 0 for one that
    /// looks for two microseconds and sleeps then.
    /// </param>
    public void AwaitNotEqual(ref Cell<int> cell, int value, Order order, int turns = 0)
    {
        if (Hook.Enabled && Hook.Current is not null)
        {
            cell.AwaitNotEqual(value, order);
            return;
        }

        var wait = default(Backoff);
        for (int turn = 0; turn < turns; turn++)
        {
            if (cell.LoadAcquire() != value)
                return;
            wait.OnceAwake();
        }

        for (int look = 0; turns == 0 && look < LooksMax; look++)
        {
            if (cell.LoadAcquire() != value)
                return;
            Thread.SpinWait(SpinsPerLook);
        }

        SleepWhile(ref cell, value, Timeout.Infinite);
    }

    /// <summary>Sleeps while the cell holds a value, at most for a time; real threads only.</summary>
    /// <returns>Whether the cell has changed.</returns>
    public bool SleepWhile(ref Cell<int> cell, int value, int milliseconds)
    {
        lock (_monitor)
        {
            _sleepers++;
            Interlocked.MemoryBarrier();
            bool changed = true;
            try
            {
                while (changed && cell.LoadAcquire() == value)
                {
                    // Whoever waits for a lock that this thread holds need not spin for it.
                    FreeThread.SetAsleep(true);
                    changed = Monitor.Wait(_monitor, milliseconds);
                    FreeThread.SetAsleep(false);
                }
            }
            finally
            {
                // Also if Thread.Interrupt has woken it: its number will be another thread's.
                FreeThread.SetAsleep(false);
                _sleepers--;
            }

            return changed;
        }
    }

    /// <summary>Wakes whoever sleeps here, after the caller has written what they wait for.</summary>
    public void Wake()
    {
        if (Hook.Enabled && Hook.Current is not null)
            return;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleepers) == 0)
            return;
        lock (_monitor)
            Monitor.PulseAll(_monitor);
    }
}
