using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Stress;

/// <summary>Runs a body on real threads, again and again, and keeps the log of the last run.</summary>
/// <remarks>
/// The threads that a thread starts begin together, when it does its next operation: started one by one they would mostly
/// have ended before the next one begins. Whether a run stands still is decided, not guessed by a clock: all threads that
/// are left wait, and nothing of what they wait for is so.
/// </remarks>
internal sealed class StressRun : IDisposable
{
    private const int TurnsBeforeSleep = 200;

    private readonly Action _body;
    private readonly StressOptions _options;
    private readonly StressThread?[] _threads = new StressThread?[Clock.Lanes];
    private readonly List<StressWorker> _workers = [];
    private readonly Lock _gate = new();
    private readonly List<StressThread> _unreleased = [];
    private long _number;
    private int _count;
    private volatile bool _abandoning;

    public StressRun(Action body, StressOptions options)
    {
        _body = body;
        _options = options;
    }

    public StressMemory Memory { get; } = new();

    /// <summary>In which order threads take locks.</summary>
    public LockOrder LockOrder { get; } = new();

    public RoleNumbers Numbers { get; } = new();

    /// <summary>Whether the run is being given up.</summary>
    public bool Abandoning => _abandoning;

    public int StepsMax => _options.StepsMax;

    /// <summary>What went wrong in the last run; null if nothing.</summary>
    public StressFailure? Failure { get; private set; }

    /// <summary>The threads of the last run.</summary>
    public IEnumerable<StressThread> Threads => _threads.Take(_count).Where(static thread => thread is { Born: true })!;

    /// <summary>Runs the body once.</summary>
    public void Once()
    {
        Failure = null;
        _abandoning = false;
        for (int t = 0; t < _count; t++)
            _threads[t]!.Born = false;
        StressThread main = ThreadAt(0);
        main.Begin("main", _body, background: false, _options.Seed, _number++, _options.SpuriousPerThread);
        Play(main);

        // Background threads wait for work that will not come, when they have done theirs, which may be to free something; and after a
        // failure others may wait for one that is gone.
        WaitForAll(static thread => !thread.Background);
        WaitForRest();
        if (Failure is null)
            LookForLeaks();
        _abandoning = true;
        WaitForAll(static _ => true);
    }

    /// <summary>Notes a failure and gives the run up; the first one counts.</summary>
    public void Fail(ViolationKind kind, StressThread thread, string rule)
    {
        lock (_gate)
        {
            if (_abandoning)
                return;
            Failure = new StressFailure(kind, rule, thread.Name);
            _abandoning = true;
        }
    }

    public StressThread ThreadWithNumber(int number) => _threads[number]!;

    public int Spawn(StressThread parent, string name, Action body, bool background)
    {
        int ordinal = parent.Spawns++;
        if (ordinal == parent.Children.Count)
            parent.Children.Add(Numbers.Of(parent.Index, ordinal, new EngineLimits().ThreadsMax, ""));
        int index = parent.Children[ordinal];
        if (_abandoning)
            return index;
        lock (_gate)
        {
            StressThread thread = ThreadAt(index);
            thread.Begin(name, body, background, _options.Seed, _number, _options.SpuriousPerThread);
            _unreleased.Add(thread);
        }

        return index;
    }

    /// <summary>Lets the threads begin that this one has started.</summary>
    public void ReleaseChildren(StressThread parent)
    {
        if (parent.Spawns == 0 || _unreleased.Count == 0)
            return;
        lock (_gate)
        {
            for (int n = 0; n < parent.Spawns; n++)
            {
                StressThread child = _threads[parent.Children[n]]!;
                if (_unreleased.Remove(child))
                    IdleWorker().Do(() => Play(child));
            }
        }
    }

    /// <summary>Whether the threads that a join waits for have ended.</summary>
    public bool HaveEnded(StressThread thread)
    {
        if (thread.Op.B == 0)
            return _threads[(int)thread.Op.A]!.Ended;
        for (int n = thread.Spawns - (int)thread.Op.B; n < thread.Spawns; n++)
        {
            if (!_threads[thread.Children[n]]!.Ended)
                return false;
        }

        return true;
    }

    public CellValue[] ValuesOf(int[] footprint)
    {
        var values = new CellValue[footprint.Length];
        for (int c = 0; c < values.Length; c++)
        {
            StressCell cell = Memory.Cell(footprint[c]);
            values[c] = new CellValue(Volatile.Read(ref cell.Bits), Volatile.Read(ref cell.Reference));
        }

        return values;
    }

    /// <summary>
    /// A thread waits: if everybody else does too and nobody could go on, that is the end. Nothing changes while this is
    /// found out, because whoever is noted as waiting asks for the gate before it goes on.
    /// </summary>
    public void LookForStandstill(StressThread thread)
    {
        lock (_gate)
        {
            thread.Waiting = true;
            if (!_abandoning && StandsStill())
            {
                StressThread[] stuck = [.. Threads.Where(static t => t is { Ended: false, Background: false })];
                if (stuck.Length > 0)
                {
                    if (!_options.AllowBlocked)
                    {
                        Failure = new StressFailure(
                            ViolationKind.Deadlock, $"stands still: {string.Join(", ", stuck.Select(static t => t.Name))} wait for ever",
                            stuck[0].Name);
                    }

                    _abandoning = true;
                }
            }
        }
    }

    /// <summary>A thread waits no longer.</summary>
    public void GoOn(StressThread thread)
    {
        lock (_gate)
            thread.Waiting = false;
    }

    public void Dispose()
    {
        foreach (StressWorker worker in _workers)
            worker.Dispose();
    }

    private bool StandsStill()
    {
        if (_unreleased.Count > 0)
            return false;

        // First whether anybody runs. Only then does nothing change any more: who runs may end meanwhile, and whoever joins it, and
        // was asked before, could go on after all.
        foreach (StressThread thread in Threads)
        {
            if (!thread.Ended && !thread.Waiting)
                return false;
        }

        foreach (StressThread thread in Threads)
        {
            if (!thread.Ended && thread.CouldGoOn())
                return false;
        }

        return true;
    }

    private void Play(StressThread thread)
    {
        Hook.Current = thread;
        try
        {
            thread.Seed(_options.Fault);
            thread.Body();
            thread.FlushFault();

            // Who starts a thread and does nothing more has not let it begin yet.
            ReleaseChildren(thread);
        }
        catch (AbandonedException)
        {
        }
        catch (Exception failure)
        {
            // A body that fails while it unwinds fails because its operations had no effect; that is not noted.
            Fail(
                failure is AssertionFailedException ? ViolationKind.AssertionFailed : ViolationKind.UnhandledException, thread,
                failure is AssertionFailedException ? failure.Message : $"{failure.GetType().Name}: {failure.Message}");
        }

        Hook.Current = null;
        DropChildren(thread);
        thread.Ended = true;
    }

    // Threads that were never let go, because the run was given up first.
    private void DropChildren(StressThread parent)
    {
        if (parent.Spawns == 0)
            return;
        lock (_gate)
        {
            for (int n = 0; n < parent.Spawns; n++)
            {
                if (_threads[parent.Children[n]] is { } child && _unreleased.Remove(child))
                    child.Ended = true;
            }
        }
    }

    private void WaitForAll(Func<StressThread, bool> which)
    {
        var spin = default(SpinWait);
        while (Threads.Any(thread => which(thread) && !thread.Ended))
            spin.SpinOnce();
        if (_abandoning)
        {
            foreach (StressWorker worker in _workers)
            {
                while (!worker.IsFree)
                    spin.SpinOnce();
            }
        }
    }

    private void WaitForRest()
    {
        var spin = default(SpinWait);
        while (!_abandoning)
        {
            lock (_gate)
            {
                if (StandsStill())
                    return;
            }

            spin.SpinOnce(sleep1Threshold: TurnsBeforeSleep);
        }
    }

    private void LookForLeaks()
    {
        foreach (StressThread thread in Threads)
        {
            if (Memory.Leak(thread.Index, thread.ObjectsMade) is { } leak)
            {
                Fail(ViolationKind.Leak, thread, $"{leak.Name} is never freed");
                return;
            }
        }
    }

    private StressThread ThreadAt(int index)
    {
        while (_count <= index)
            _threads[_count] = new StressThread(this, _count++);
        return _threads[index]!;
    }

    private StressWorker IdleWorker()
    {
        foreach (StressWorker worker in _workers)
        {
            if (worker.IsFree)
                return worker;
        }

        var made = new StressWorker(_workers.Count + 1);
        _workers.Add(made);
        return made;
    }
}
