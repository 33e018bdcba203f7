namespace RcuModel.Exploration.Stress;

/// <summary>A real thread that is used in run after run: a run lasts microseconds, and to make a thread takes a hundred of them.</summary>
internal sealed class StressWorker : IDisposable
{
    // Longer than a run lasts and shorter than anybody would notice.
    private const int SpinsMax = 2000;

    private readonly SemaphoreSlim _wake = new(0);
    private readonly Thread _thread;
    private volatile Action? _work;
    private volatile bool _sleeps;
    private volatile bool _ends;

    public StressWorker(int number)
    {
        _thread = new Thread(Live) { IsBackground = true, Name = FormattableString.Invariant($"rcumodel stress {number}") };
        _thread.Start();
    }

    public bool IsFree => _work is null;

    public void Do(Action work)
    {
        _work = work;

        // Pairs with the barrier in Live: either this sees that the worker sleeps, or the worker sees the work.
        Interlocked.MemoryBarrier();
        if (_sleeps)
            _wake.Release();
    }

    public void Dispose()
    {
        _ends = true;
        _wake.Release();
        _thread.Join();
        _wake.Dispose();
    }

    private void Live()
    {
        while (!_ends)
        {
            for (int spin = 0; spin < SpinsMax && _work is null; spin++)
                Thread.SpinWait(4);
            if (_work is null)
            {
                _sleeps = true;
                Interlocked.MemoryBarrier();
                while (_work is null && !_ends)
                    _wake.Wait();
                _sleeps = false;
            }

            _work?.Invoke();
            _work = null;
        }
    }
}
