using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// A round of a sequence counter, a pair of increment and decrement, and a pair that reads a VMA's lock, when nobody else is
/// there; the bare instructions are the least that each costs.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class CountBenchmarks
{
    private const int N = 1024;

    private readonly SeqLock _seqlock = new();
    private readonly Thing _thing = new();
    private readonly Mm _mm = new();
    private readonly VmaLock _vma;
    private SeqCount _sequence = new("sequence");
    private uint _bareSequence;
    private int _bareCount = 1;
    private int _data;

    public CountBenchmarks()
    {
        _bareSequence = 2;
        _vma = new VmaLock(_mm);
        _vma.Init(_mm.Locks);
        _mm.Locks.BeginWrite();
        _vma.StartWrite();
        _vma.Attach();
        _mm.Locks.EndWriteAll();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N)]
    [BenchmarkCategory("sequence")]
    public int Bare_Read()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            uint begun;
            int seen;
            do
            {
                while (((begun = Volatile.Read(ref _bareSequence)) & 1) != 0)
                    Thread.SpinWait(1);
                seen = Volatile.Read(ref _data);
                Volatile.ReadBarrier();
            }
            while (Volatile.Read(ref _bareSequence) != begun);
            sum += seen;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N)]
    [BenchmarkCategory("sequence")]
    public int SeqCount_Read()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            uint begun;
            int seen;
            do
            {
                begun = _sequence.ReadBegin();
                seen = Volatile.Read(ref _data);
            }
            while (_sequence.ReadRetry(begun));
            sum += seen;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N)]
    [BenchmarkCategory("sequence")]
    public int SeqLock_Read()
    {
        SeqLock seqlock = _seqlock;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            uint begun;
            int seen;
            do
            {
                begun = seqlock.ReadBegin();
                seen = Volatile.Read(ref _data);
            }
            while (seqlock.ReadRetry(begun));
            sum += seen;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N)]
    [BenchmarkCategory("sequence")]
    public int SeqCount_Write()
    {
        for (int i = 0; i < N; i++)
        {
            _sequence.WriteBegin();
            _data++;
            _sequence.WriteEnd();
        }

        return _data;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N)]
    [BenchmarkCategory("references")]
    public int Bare_IncrementDecrement()
    {
        int last = 0;
        for (int i = 0; i < N; i++)
        {
            Interlocked.Increment(ref _bareCount);
            if (Interlocked.Decrement(ref _bareCount) == 0)
                last++;
        }

        return last;
    }

    [Benchmark(OperationsPerInvoke = N)]
    [BenchmarkCategory("references")]
    public int RefCount_IncrementDecrement()
    {
        Thing thing = _thing;
        int last = 0;
        for (int i = 0; i < N; i++)
        {
            thing.References.Increment();
            if (thing.References.DecrementAndTest())
                last++;
        }

        return last;
    }

    [Benchmark(OperationsPerInvoke = N)]
    [BenchmarkCategory("references")]
    public int RefCount_IncrementNotZeroDecrement()
    {
        Thing thing = _thing;
        int last = 0;
        for (int i = 0; i < N; i++)
        {
            if (thing.References.IncrementNotZero() && thing.References.DecrementAndTest())
                last++;
        }

        return last;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N)]
    [BenchmarkCategory("vma")]
    public int Bare_CompareExchangeDecrement()
    {
        int taken = 0;
        for (int i = 0; i < N; i++)
        {
            int seen = Volatile.Read(ref _bareCount);
            if (Interlocked.CompareExchange(ref _bareCount, seen + 1, seen) != seen)
                continue;
            taken++;
            Interlocked.Decrement(ref _bareCount);
        }

        return taken;
    }

    [Benchmark(OperationsPerInvoke = N)]
    [BenchmarkCategory("vma")]
    public int VmaLock_Read()
    {
        VmaLock vma = _vma;
        MmVmaLocks mm = _mm.Locks;
        int taken = 0;
        for (int i = 0; i < N; i++)
        {
            if (!vma.TryStartRead(mm))
                continue;
            taken++;
            vma.EndRead();
        }

        return taken;
    }

    private sealed class Thing : SharedObject
    {
        public RefCount References;

        public Thing() => References = new RefCount(this, 1, "references");
    }

    private sealed class Mm : SharedObject
    {
        public Mm() => Locks = new MmVmaLocks(this);

        public MmVmaLocks Locks { get; }
    }
}
