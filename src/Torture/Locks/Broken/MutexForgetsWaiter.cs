namespace RcuModel.Torture.Locks.Broken;

/// <summary>
/// A mutex that goes from holder to waiter, and once takes a waiter off the queue and goes to the next one. Exclusion holds;
/// a thread sleeps for ever.
/// </summary>
internal sealed class MutexForgetsWaiter : LockTortureOps
{
    private const int WaitsUntilForgotten = 10;

    private readonly Lock _lock = new();
    private readonly Queue<ManualResetEventSlim> _waiters = [];
    private int _waits;
    private bool _isHeld;
    private Interruption _inside;

    public override bool Sleeps => true;

    public override void WriteLock()
    {
        ManualResetEventSlim? turn = null;
        lock (_lock)
        {
            if (_isHeld)
                _waiters.Enqueue(turn = new ManualResetEventSlim());
            _isHeld = true;
        }

        turn?.Wait();

        // So that there are waiters.
        _inside.Pass();
    }

    public override bool TryWriteLock()
    {
        lock (_lock)
        {
            if (_isHeld)
                return false;
            _isHeld = true;
            return true;
        }
    }

    public override void WriteUnlock()
    {
        lock (_lock)
        {
            if (_waiters.Count > 0 && ++_waits == WaitsUntilForgotten)
                _waiters.Dequeue();
            if (_waiters.TryDequeue(out ManualResetEventSlim? next))
                next.Set();
            else
                _isHeld = false;
        }
    }
}
