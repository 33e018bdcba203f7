using BenchmarkDotNet.Attributes;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>A pair of lock and unlock when nobody else is there; the bare test-and-set lock is the least that it costs.</summary>
public class SpinlockBenchmarks
{
    private const int N = 1024;

    private readonly TasSpinlock _tas = new();
    private readonly TicketSpinlock _ticket = new();
    private readonly QueuedSpinlock _queued = new();
    private readonly McsSpinlock _mcs = new();
    private readonly McsSpinlock.Node _node = new();
    private readonly OptimisticSpinQueue _spinQueue = new();
    private readonly QueuedRwlock _rwlock = new();
    private readonly ReaderWriterLockSlim _systemRwlock = new();
    private readonly Lock _lock = new();
    private readonly object _monitor = new();
    private SpinLock _spinLock = new(enableThreadOwnerTracking: false);
    private int _word;
    private int _data;

    [Benchmark(Baseline = true, OperationsPerInvoke = N)]
    public int Bare_TestAndSet()
    {
        for (int i = 0; i < N; i++)
        {
            while (Interlocked.CompareExchange(ref _word, 1, 0) != 0)
                Thread.SpinWait(1);
            _data++;
            Volatile.Write(ref _word, 0);
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Tas()
    {
        TasSpinlock tas = _tas;
        for (int i = 0; i < N; i++)
        {
            tas.Lock();
            _data++;
            tas.Unlock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Ticket()
    {
        TicketSpinlock ticket = _ticket;
        for (int i = 0; i < N; i++)
        {
            ticket.Lock();
            _data++;
            ticket.Unlock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Ticket_TryLock()
    {
        TicketSpinlock ticket = _ticket;
        for (int i = 0; i < N; i++)
        {
            if (ticket.TryLock())
            {
                _data++;
                ticket.Unlock();
            }
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Ticket_Scope()
    {
        TicketSpinlock ticket = _ticket;
        for (int i = 0; i < N; i++)
        {
            using (ticket.Enter())
                _data++;
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Queued()
    {
        QueuedSpinlock queued = _queued;
        for (int i = 0; i < N; i++)
        {
            queued.Lock();
            _data++;
            queued.Unlock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Mcs()
    {
        McsSpinlock mcs = _mcs;
        McsSpinlock.Node node = _node;
        for (int i = 0; i < N; i++)
        {
            mcs.Lock(node);
            _data++;
            mcs.Unlock(node);
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Mcs_Scope()
    {
        McsSpinlock mcs = _mcs;
        McsSpinlock.Node node = _node;
        for (int i = 0; i < N; i++)
        {
            using (mcs.Enter(node))
                _data++;
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int SpinQueue()
    {
        OptimisticSpinQueue queue = _spinQueue;
        for (int i = 0; i < N; i++)
        {
            queue.Lock();
            _data++;
            queue.Unlock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Rwlock_Read()
    {
        QueuedRwlock rwlock = _rwlock;
        for (int i = 0; i < N; i++)
        {
            rwlock.LockRead();
            _data++;
            rwlock.UnlockRead();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Rwlock_Write()
    {
        QueuedRwlock rwlock = _rwlock;
        for (int i = 0; i < N; i++)
        {
            rwlock.LockWrite();
            _data++;
            rwlock.UnlockWrite();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int System_ReaderWriterLockSlim_Read()
    {
        ReaderWriterLockSlim rwlock = _systemRwlock;
        for (int i = 0; i < N; i++)
        {
            rwlock.EnterReadLock();
            _data++;
            rwlock.ExitReadLock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int System_ReaderWriterLockSlim_Write()
    {
        ReaderWriterLockSlim rwlock = _systemRwlock;
        for (int i = 0; i < N; i++)
        {
            rwlock.EnterWriteLock();
            _data++;
            rwlock.ExitWriteLock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int System_SpinLock()
    {
        for (int i = 0; i < N; i++)
        {
            bool taken = false;
            _spinLock.Enter(ref taken);
            _data++;
            _spinLock.Exit(useMemoryBarrier: false);
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int System_Lock()
    {
        Lock systemLock = _lock;
        for (int i = 0; i < N; i++)
        {
            systemLock.Enter();
            _data++;
            systemLock.Exit();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int System_Monitor()
    {
        object monitor = _monitor;
        for (int i = 0; i < N; i++)
        {
            Monitor.Enter(monitor);
            _data++;
            Monitor.Exit(monitor);
        }

        return _data;
    }
}
