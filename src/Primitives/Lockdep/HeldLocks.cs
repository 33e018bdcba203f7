namespace RcuModel.Primitives;

/// <summary>The locks that one thread holds, in the order in which it took them, and what is demanded of it therefore.</summary>
internal sealed class HeldLocks
{
    // A free thread's own, and all of them have one order.
    [ThreadStatic]
    private static HeldLocks? t_free;

    private static readonly LockOrder s_freeOrder = new();

    private readonly LockOrder _order;
    private HeldLock[] _locks = new HeldLock[8];
    private int _count;

    public HeldLocks(LockOrder order) => _order = order;

    /// <summary>The calling thread's.</summary>
    public static HeldLocks OfThread =>
        Hook.Enabled && Hook.Current is { } thread ? thread.HeldLocks : t_free ??= MakeFree();

    /// <summary>The order in which free threads have taken locks.</summary>
    public static LockOrder FreeOrder => s_freeOrder;

    /// <summary>What this thread adds to the statistics; null if nothing is measured.</summary>
    public LockStatThread? Stat { get; private init; }

    private static string ThreadName =>
        Hook.Enabled && Hook.Current is { } thread ? thread.Name : Thread.CurrentThread.Name ?? "a thread";

    public void Clear() => _count = 0;

    public void Acquire(in HeldLock taken)
    {
        if (!taken.IsTry && taken.Map.IsChecked && Lockdep.Checked)
            Check(taken);
        if (_count == _locks.Length)
            Array.Resize(ref _locks, _count * 2);
        _locks[_count++] = taken;
        if (taken.IsTry)
            Acquired(taken.Map);
    }

    public void Contended(LockMap map)
    {
        if (Stat is null)
            return;
        ref HeldLock waits = ref _locks[IndexOf(map)];
        waits = waits with { WaitsSince = LockStat.Now };
        Stat.Contended(waits);
    }

    public void Acquired(LockMap map)
    {
        if (Stat is null)
            return;
        ref HeldLock held = ref _locks[IndexOf(map)];
        held = held with { HeldSince = LockStat.Now };
        Stat.Acquired(held);
    }

    public void Downgrade(LockMap map, LockUse use, ulong first)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_locks[i].Map == map && _locks[i].First == first)
                _locks[i] = _locks[i] with { Use = use };
        }
    }

    public void Release(LockMap map, ulong first, string file, int line)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_locks[i].Map != map || _locks[i].First != first)
                continue;
            Stat?.Released(_locks[i]);
            _count--;
            Array.Copy(_locks, i + 1, _locks, i, _count - i);
            return;
        }

        if (map.IsChecked)
            Report(file, line, $"bad unlock balance: {ThreadName} gives back {map.Name}, which it does not hold");
    }

    public void MightSleep(string what, string file, int line)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_locks[i].Map.Wait == LockWait.Spins)
            {
                Report(file, line,
                    $"sleeping function called from invalid context: {what} may sleep, and {ThreadName} holds {_locks[i]}, taken at {_locks[i].Where}");
            }
        }
    }

    /// <summary>An object is freed by this thread.</summary>
    public void Freed(int owner, string file, int line)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_locks[i].Map.Owner == owner)
                Report(file, line, $"held lock freed: {ThreadName} frees {_locks[i]}, which it holds since {_locks[i].Where}");
        }
    }

    /// <summary>The thread ends.</summary>
    public void ThreadEnds()
    {
        if (_count > 0)
        {
            Execution.Assert(false,
                $"lock held when its thread ends: {ThreadName} still holds {_locks[_count - 1]}, taken at {_locks[_count - 1].Where}");
        }
    }

    private static HeldLocks MakeFree()
    {
        LockStatThread? stat = Lockdep.Stat ? LockStat.NewThread() : null;
        return new HeldLocks(s_freeOrder) { Stat = stat };
    }

    private static void Report(string file, int line, string what) =>
        Execution.Assert(false, $"{what}{(file.Length > 0 ? $", at {RcuUsage.Place(file, line)}" : "")}");

    private void Check(in HeldLock taken)
    {
        if (taken.Map.Wait == LockWait.Sleeps)
            RcuChecks.MightSleep(taken.Map.Name, taken.File, taken.Line);
        if (taken.Nest is not null && !HoldsAlone(taken.Nest))
            Report(taken.File, taken.Line, $"nested lock was not taken: {ThreadName} takes {taken} and does not hold {taken.Nest} alone");
        for (int i = 0; i < _count; i++)
        {
            ref HeldLock held = ref _locks[i];
            if (!held.Map.IsChecked)
                continue;
            if (!IsSameClass(held, taken))
            {
                if (_order.Add(held, taken, ThreadName) is { } cycle)
                    Execution.Assert(false, cycle);
                continue;
            }

            // The same one once more would be waited for for ever, whatever it is nested in.
            if (taken.Nest is not null && held.Map != taken.Map)
                continue;
            if (taken.IsApartFrom(held))
            {
                // Readers too: two that want each other's range do not wait, but a writer of both may come between them.
                if (taken.First < held.First)
                    Report(taken.File, taken.Line, $"ranges out of order: {ThreadName} takes {taken} and holds {held}, taken at {held.Where}");
            }
            else if (held.Use != LockUse.RecursiveRead || taken.Use != LockUse.RecursiveRead)
            {
                Report(taken.File, taken.Line, $"possible recursive locking: {ThreadName} takes {taken} and holds {held}, taken at {held.Where}");
            }
        }
    }

    private bool HoldsAlone(LockMap map)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_locks[i].Map == map && _locks[i].Use == LockUse.Write)
                return true;
        }

        return false;
    }

    private static bool IsSameClass(in HeldLock a, in HeldLock b) =>
        a.Subclass == b.Subclass && string.Equals(a.Map.Name, b.Map.Name, StringComparison.Ordinal);

    private int IndexOf(LockMap map)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_locks[i].Map == map)
                return i;
        }

        throw new InvalidOperationException($"{map.Name} has not been asked for.");
    }
}
