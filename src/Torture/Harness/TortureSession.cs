using System.Diagnostics;

namespace RcuModel.Torture;

/// <summary>One run of a test: its threads, when they pause, when they end, and what was seen that may not happen.</summary>
/// <remarks>Any thread may use it. Kernel: torture.c.</remarks>
public sealed class TortureSession : IDisposable
{
    private readonly TortureOptions _options;
    private readonly Lock _lock = new();
    private readonly List<(string Name, Thread Thread)> _threads = [];
    private readonly SortedSet<int> _taskNumbers = [];
    private readonly List<string> _errors = [];
    private readonly ManualResetEvent _stopped = new(initialState: false);
    private readonly ManualResetEvent _running = new(initialState: true);
    private readonly AutoResetEvent _noticed = new(initialState: false);
    private int _nextNumber;
    private volatile bool _mustStop;
    private volatile bool _mustPause;

    internal TortureSession(TortureOptions options) => _options = options;

    /// <summary>Whether threads have to end.</summary>
    public bool MustStop => _mustStop;

    /// <summary>Whether threads have to pause.</summary>
    public bool MustPause => _mustPause;

    /// <summary>Whether something was seen that may not happen.</summary>
    public bool HasErrors
    {
        get
        {
            lock (_lock)
                return _errors.Count > 0;
        }
    }

    /// <summary>How long a test waits at most for what must come.</summary>
    public TimeSpan Patience => _options.Patience;

    /// <summary>Signalled when there is something to print, or a reason to end.</summary>
    internal WaitHandle Noticed => _noticed;

    /// <summary>Starts a thread. It ends when told to by <see cref="MustStop"/>, and pauses when told to.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="body">What it runs.</param>
    public void Start(string name, Action<TortureThread> body)
    {
        Thread thread = Create(name, body);
        lock (_lock)
            _threads.Add((name, thread));
        thread.Start();
    }

    /// <summary>A thread that its creator starts and joins before it ends itself.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="body">What it runs.</param>
    public Thread Create(string name, Action<TortureThread> body)
    {
        var me = new TortureThread(this, name, Interlocked.Increment(ref _nextNumber), _options.Seed);
        return new Thread(() => RunBody(me, body)) { Name = name, IsBackground = true };
    }

    /// <summary>
    /// Something was seen that may not happen. The first of a kind is remembered and printed; unless told to go on, the test
    /// ends.
    /// </summary>
    /// <param name="what">What, in words that do not vary.</param>
    public void Error(string what)
    {
        lock (_lock)
        {
            if (_errors.Contains(what, StringComparer.Ordinal))
                return;
            _errors.Add(what);
        }

        _noticed.Set();
    }

    /// <summary>Sleeps, but not beyond the end of the test.</summary>
    /// <param name="time">For how long.</param>
    /// <returns>Whether the test ends.</returns>
    public bool WaitForStop(TimeSpan time) => _stopped.WaitOne(time);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped.Dispose();
        _running.Dispose();
        _noticed.Dispose();
    }

    internal IReadOnlyList<string> Errors()
    {
        lock (_lock)
            return [.. _errors];
    }

    internal bool WaitWhilePaused()
    {
        if (!_mustPause)
            return false;
        _running.WaitOne();
        return true;
    }

    internal void Pause()
    {
        _running.Reset();
        _mustPause = true;
    }

    internal void Resume()
    {
        _mustPause = false;
        _running.Set();
    }

    internal void Stop()
    {
        _mustStop = true;
        _stopped.Set();
        Resume();
    }

    /// <summary>Waits for the threads; whoever does not end is an error.</summary>
    /// <returns>Whether all have ended.</returns>
    internal bool Join()
    {
        long begin = Stopwatch.GetTimestamp();
        bool all = true;
        (string Name, Thread Thread)[] threads;
        lock (_lock)
            threads = [.. _threads];
        foreach ((string name, Thread thread) in threads)
        {
            TimeSpan left = _options.Patience - Stopwatch.GetElapsedTime(begin);
            if (thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero))
                continue;
            Error($"{name} does not end");
            all = false;
        }

        return all;
    }

    /// <summary>Lets all threads run on these CPUs only.</summary>
    internal void Confine(ReadOnlySpan<int> cpus)
    {
        // A number is in the set only while its thread lives, so it cannot be another process's by now.
        lock (_lock)
        {
            foreach (int task in _taskNumbers)
                Affinity.Set(task, cpus);
        }
    }

#pragma warning disable CA1031 // An exception in a thread would end the process, and with it what is known.
    private void RunBody(TortureThread me, Action<TortureThread> body)
    {
        int task = Affinity.CurrentTask();
        lock (_lock)
            _taskNumbers.Add(task);
        try
        {
            body(me);
        }
        catch (Exception exception)
        {
            Error($"{me.Name} died: {exception.Message}");
        }
        finally
        {
            lock (_lock)
                _taskNumbers.Remove(task);
        }
    }
#pragma warning restore CA1031
}
