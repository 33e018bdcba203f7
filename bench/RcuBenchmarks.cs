using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// A reader that follows one pointer: entering, following, leaving. The pointer alone is the least that it costs.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class RcuBenchmarks
{
    /// <summary>As many as the program in liburcu/ does between two readings of the clock, or two quiescent states.</summary>
    public const int N = 1024;

    private readonly RcuMemb _memb = new();
    private readonly RcuMb _mb = new();
    private readonly RcuQsbr _qsbr = new();
    private readonly Srcu _srcu = new();
    private readonly RcuReader _membReader;
    private readonly RcuReader _mbReader;
    private readonly RcuReader _qsbrReader;
    private long _entered;
    private long _left;
    private Ref<object> _pointer = new(new object(), "pointer");

    public RcuBenchmarks()
    {
        _membReader = _memb.Register();
        _mbReader = _mb.Register();
        _qsbrReader = _qsbr.Register();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("memb")]
    public int Bare_Pointer()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _pointer.LoadAcquire() is null ? 0 : 1;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("memb")]
    public int Memb_Handle_Scope()
    {
        RcuMemb rcu = _memb;
        RcuReader reader = _membReader;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (RcuSection<RcuMemb> section = rcu.Read(reader))
                sum += section.Dereference(ref _pointer) is null ? 0 : 1;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("memb")]
    public int Memb_Handle()
    {
        RcuMemb rcu = _memb;
        RcuReader reader = _membReader;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            rcu.Lock(reader);
            sum += rcu.Dereference(ref _pointer) is null ? 0 : 1;
            rcu.Unlock(reader);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("memb")]
    public int Memb_Thread_Scope()
    {
        RcuMemb rcu = _memb;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (RcuSection<RcuMemb> section = rcu.Read())
                sum += section.Dereference(ref _pointer) is null ? 0 : 1;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("memb")]
    public int Memb_Thread()
    {
        RcuMemb rcu = _memb;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            rcu.Lock();
            sum += rcu.Dereference(ref _pointer) is null ? 0 : 1;
            rcu.Unlock();
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("memb")]
    public int Memb_Nested()
    {
        RcuMemb rcu = _memb;
        RcuReader reader = _membReader;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (rcu.Read(reader))
            using (RcuSection<RcuMemb> section = rcu.Read(reader))
                sum += section.Dereference(ref _pointer) is null ? 0 : 1;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("mb")]
    public int Bare_TwoBarriers()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            Interlocked.MemoryBarrier();
            sum += _pointer.LoadAcquire() is null ? 0 : 1;
            Interlocked.MemoryBarrier();
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("mb")]
    public int Mb_Handle_Scope()
    {
        RcuMb rcu = _mb;
        RcuReader reader = _mbReader;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (RcuSection<RcuMb> section = rcu.Read(reader))
                sum += section.Dereference(ref _pointer) is null ? 0 : 1;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("mb")]
    public int Mb_Thread_Scope()
    {
        RcuMb rcu = _mb;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (RcuSection<RcuMb> section = rcu.Read())
                sum += section.Dereference(ref _pointer) is null ? 0 : 1;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("mb")]
    public int Mb_Nested()
    {
        RcuMb rcu = _mb;
        RcuReader reader = _mbReader;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (rcu.Read(reader))
            using (RcuSection<RcuMb> section = rcu.Read(reader))
                sum += section.Dereference(ref _pointer) is null ? 0 : 1;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("qsbr")]
    public int Bare_PointerAgain() => Bare_Pointer();

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("qsbr")]
    public int Qsbr_Handle_Scope()
    {
        RcuQsbr rcu = _qsbr;
        RcuReader reader = _qsbrReader;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (RcuSection<RcuQsbr> section = rcu.Read(reader))
                sum += section.Dereference(ref _pointer) is null ? 0 : 1;
        }

        rcu.QuiescentState(reader);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("qsbr")]
    public int Qsbr_Thread_Scope()
    {
        RcuQsbr rcu = _qsbr;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (RcuSection<RcuQsbr> section = rcu.Read())
                sum += section.Dereference(ref _pointer) is null ? 0 : 1;
        }

        rcu.QuiescentState(rcu.ThreadReader);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("srcu")]
    public int Bare_TwoAdditions()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            Interlocked.Increment(ref _entered);
            sum += _pointer.LoadAcquire() is null ? 0 : 1;
            Interlocked.Increment(ref _left);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("srcu")]
    public int Srcu_Pair()
    {
        Srcu srcu = _srcu;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            int index = srcu.Lock();
            sum += srcu.Dereference(ref _pointer) is null ? 0 : 1;
            srcu.Unlock(index);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("srcu")]
    public int Srcu_Scope()
    {
        Srcu srcu = _srcu;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            using (srcu.Read())
                sum += srcu.Dereference(ref _pointer) is null ? 0 : 1;
        }

        return sum;
    }
}
