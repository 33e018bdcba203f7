namespace RcuModel.Primitives;

/// <summary>What one thread has counted. It allocates only when the thread uses a class of locks, or a line of source does, for the first time.</summary>
internal sealed class LockStatThread
{
    private readonly Thread _thread = Thread.CurrentThread;

    // Held by the thread when it counts and by who makes the table.
    private readonly Lock _gate = new();
    private readonly Dictionary<(LockStatClass Class, bool Read), LockStatColumns> _columns = [];

    // The words for a line of source, made once.
    private readonly Dictionary<(string File, int Line), string> _sites = [];

    /// <summary>Where each use of a lock is kept; null if none is.</summary>
    public SliceBuffer<LockSlice>? Slices { get; set; }

    /// <summary>Whether the thread may count more.</summary>
    public bool IsAlive => _thread.IsAlive;

    public void Contended(in HeldLock waits)
    {
        lock (_gate)
        {
            LockStatColumns columns = Of(waits);
            columns.Contentions++;
            if (waits.Map.Cpu != Thread.GetCurrentProcessorId())
                columns.ContentionBounces++;
            Once(columns.Waiters, SiteOf(waits));
            Once(columns.Holders, waits.Map.Stat!.Holder);
        }
    }

    public void Acquired(in HeldLock held)
    {
        lock (_gate)
        {
            LockStatColumns columns = Of(held);
            columns.Acquisitions++;
            if (held.WaitsSince != 0)
                columns.Wait.Add(LockStat.Nanoseconds(held.HeldSince - held.WaitsSince));
            int cpu = Thread.GetCurrentProcessorId();
            if (held.Map.Cpu != cpu)
                columns.AcquisitionBounces++;
            held.Map.Cpu = cpu;
            held.Map.Stat!.Holder = SiteOf(held);
        }
    }

    public void Released(in HeldLock held)
    {
        lock (_gate)
        {
            // Who gave the wait up never held it.
            if (held.HeldSince == 0)
                return;
            long now = LockStat.Now;
            Of(held).Hold.Add(LockStat.Nanoseconds(now - held.HeldSince));
            Slices?.Add(new LockSlice(held.Map.Name, held.Use != LockUse.Write, held.WaitsSince, held.HeldSince, now));
        }
    }

    public void AddTo(LockStatClass of, bool read, LockStatColumns sum)
    {
        lock (_gate)
        {
            if (!_columns.TryGetValue((of, read), out LockStatColumns? mine))
                return;
            sum.ContentionBounces += mine.ContentionBounces;
            sum.Contentions += mine.Contentions;
            sum.Wait.Add(mine.Wait);
            sum.AcquisitionBounces += mine.AcquisitionBounces;
            sum.Acquisitions += mine.Acquisitions;
            sum.Hold.Add(mine.Hold);
            foreach ((string where, long times) in mine.Waiters)
                sum.Waiters[where] = sum.Waiters.GetValueOrDefault(where) + times;
            foreach ((string where, long times) in mine.Holders)
                sum.Holders[where] = sum.Holders.GetValueOrDefault(where) + times;
        }
    }

    public void Clear()
    {
        // Kept: the thread is to make nothing anew while it is measured.
        lock (_gate)
        {
            foreach (LockStatColumns columns in _columns.Values)
                columns.Clear();
        }
    }

    private static void Once(Dictionary<string, long> sites, string where) => sites[where] = sites.GetValueOrDefault(where) + 1;

    private string SiteOf(in HeldLock held)
    {
        if (!_sites.TryGetValue((held.File, held.Line), out string? site))
            _sites.Add((held.File, held.Line), site = held.Where);
        return site;
    }

    private LockStatColumns Of(in HeldLock held)
    {
        (LockStatClass, bool) key = (held.Map.Stat!, held.Use != LockUse.Write);
        if (!_columns.TryGetValue(key, out LockStatColumns? columns))
            _columns.Add(key, columns = new LockStatColumns());
        return columns;
    }
}
