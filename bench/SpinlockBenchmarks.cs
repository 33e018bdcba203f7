using BenchmarkDotNet.Attributes;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>A pair of lock and unlock when nobody else is there; the bare test-and-set lock is the least that it costs.</summary>
public class SpinlockBenchmarks
{
    private const int N = 1024;

    private readonly TicketSpinlock _ticket = new();
    private readonly McsSpinlock _mcs = new();
    private readonly McsSpinlock.Node _node = new();
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
    public int Ticket()
    {
        for (int i = 0; i < N; i++)
        {
            _ticket.Lock();
            _data++;
            _ticket.Unlock();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Ticket_TryLock()
    {
        for (int i = 0; i < N; i++)
        {
            if (_ticket.TryLock())
            {
                _data++;
                _ticket.Unlock();
            }
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Ticket_Scope()
    {
        for (int i = 0; i < N; i++)
        {
            using (_ticket.Enter())
                _data++;
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Mcs()
    {
        for (int i = 0; i < N; i++)
        {
            _mcs.Lock(_node);
            _data++;
            _mcs.Unlock(_node);
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Mcs_Scope()
    {
        for (int i = 0; i < N; i++)
        {
            using (_mcs.Enter(_node))
                _data++;
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
        for (int i = 0; i < N; i++)
        {
            _lock.Enter();
            _data++;
            _lock.Exit();
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int System_Monitor()
    {
        for (int i = 0; i < N; i++)
        {
            Monitor.Enter(_monitor);
            _data++;
            Monitor.Exit(_monitor);
        }

        return _data;
    }
}
