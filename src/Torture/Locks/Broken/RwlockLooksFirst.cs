using RcuModel.Primitives;

namespace RcuModel.Torture.Locks.Broken;

/// <summary>A rwlock whose readers wait until there is no writer, and then count themselves: a writer may come in between.</summary>
internal sealed class RwlockLooksFirst : LockTortureOps
{
    private readonly TasSpinlock _writers = new();
    private int _readers;
    private Interruption _looked;

    public override bool HasReaders => true;

    public override void WriteLock()
    {
        _writers.Lock();
        var wait = default(Backoff);
        while (Volatile.Read(ref _readers) != 0)
            wait.Once();
    }

    public override bool TryWriteLock()
    {
        if (!_writers.TryLock())
            return false;
        if (Volatile.Read(ref _readers) == 0)
            return true;
        _writers.Unlock();
        return false;
    }

    public override void WriteUnlock() => _writers.Unlock();

    public override void ReadLock()
    {
        var wait = default(Backoff);
        while (!TryReadLock())
            wait.Once();
    }

    public override bool TryReadLock()
    {
        if (_writers.IsLocked)
            return false;
        _looked.Pass();
        Interlocked.Increment(ref _readers);
        return true;
    }

    public override void ReadUnlock() => Interlocked.Decrement(ref _readers);
}
