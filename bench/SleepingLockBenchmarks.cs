using BenchmarkDotNet.Attributes;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// A pair of lock and unlock of a lock whose waiters sleep, when nobody else is there. Two bare additions are the least that a
/// reader costs.
/// </summary>
public class SleepingLockBenchmarks
{
    private const int N = 1024;

    private readonly Rwsem _rwsem = new();
    private readonly KernelMutex _mutex = new();
    private readonly Completion _completion = new();
    private readonly ReaderWriterLockSlim _slim = new();
    private readonly Lock _lock = new();
    private readonly object _monitor = new();
    private long _word;
    private int _data;

    [Benchmark(Baseline = true, OperationsPerInvoke = N)]
    public int Bare_TwoAdditions()
    {
        for (int i = 0; i < N; i++)
        {
            if (Interlocked.Add(ref _word, 256) < 0)
                return 0;
            _data++;
            Interlocked.Add(ref _word, -256);
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Rwsem_Read()
    {
        Rwsem rwsem = _rwsem;
        for (int i = 0; i < N; i++)
        {
            rwsem.DownRead();
            _data++;
            rwsem.UpRead();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Rwsem_Read_Scope()
    {
        Rwsem rwsem = _rwsem;
        for (int i = 0; i < N; i++)
        {
            using (rwsem.Read())
                _data++;
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Rwsem_TryRead()
    {
        Rwsem rwsem = _rwsem;
        for (int i = 0; i < N; i++)
        {
            if (!rwsem.TryDownRead())
                continue;
            _data++;
            rwsem.UpRead();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Rwsem_Write()
    {
        Rwsem rwsem = _rwsem;
        for (int i = 0; i < N; i++)
        {
            rwsem.DownWrite();
            _data++;
            rwsem.UpWrite();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Mutex()
    {
        KernelMutex mutex = _mutex;
        for (int i = 0; i < N; i++)
        {
            mutex.Lock();
            _data++;
            mutex.Unlock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Completion_CompleteAndWait()
    {
        Completion completion = _completion;
        for (int i = 0; i < N; i++)
        {
            completion.Complete();
            completion.Wait();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int System_ReaderWriterLockSlim_Read()
    {
        ReaderWriterLockSlim slim = _slim;
        for (int i = 0; i < N; i++)
        {
            slim.EnterReadLock();
            _data++;
            slim.ExitReadLock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int System_ReaderWriterLockSlim_Write()
    {
        ReaderWriterLockSlim slim = _slim;
        for (int i = 0; i < N; i++)
        {
            slim.EnterWriteLock();
            _data++;
            slim.ExitWriteLock();
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
