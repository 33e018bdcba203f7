using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// Each operation of a cell beside the instruction that it stands for. The gate is off, as in any process that measures a
/// model; with the gate off a cell must cost nothing.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class CellBenchmarks
{
    private const int N = 1024;

    private static readonly object s_a = new();

    private int _int;
    private byte _byte = 1;
    private object? _object = s_a;
    private Cell<int> _cell = new(0, "cell");
    private Cell<byte> _byteCell = new(0, "byte");
    private Ref<object> _ref = new(s_a, "ref");
    private Plain<int> _plain = new(0, "plain");
    private int _bare;

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("read")]
    public int Bare_VolatileRead()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Volatile.Read(ref _int);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("read")]
    public int Cell_ReadOnce()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.ReadOnce();
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("read")]
    public int Cell_LoadAcquire()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.LoadAcquire();
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("await")]
    public int Cell_AwaitNotEqual_satisfied()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.AwaitNotEqual(-1);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("read byte")]
    public int Bare_VolatileReadByte()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Volatile.Read(ref _byte);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("read byte")]
    public int Cell_ReadOnceByte()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _byteCell.ReadOnce();
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("write")]
    public void Bare_VolatileWrite()
    {
        for (int i = 0; i < N; i++)
            Volatile.Write(ref _int, i);
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("write")]
    public void Cell_WriteOnce()
    {
        for (int i = 0; i < N; i++)
            _cell.WriteOnce(i);
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("write")]
    public void Cell_StoreRelease()
    {
        for (int i = 0; i < N; i++)
            _cell.StoreRelease(i);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("exchange")]
    public int Bare_Exchange()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Interlocked.Exchange(ref _int, i);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("exchange")]
    public int Cell_Exchange()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.Exchange(i);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("cmpxchg")]
    public int Bare_CompareExchange()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Interlocked.CompareExchange(ref _int, i, i - 1);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("cmpxchg")]
    public int Cell_CompareExchange()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.CompareExchange(i - 1, i);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("try_cmpxchg")]
    public int Bare_TryCompareExchange()
    {
        int seen = 0;
        for (int i = 0; i < N; i++)
        {
            int old = Interlocked.CompareExchange(ref _int, i, seen);
            if (old != seen)
                seen = old;
        }

        return seen;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("try_cmpxchg")]
    public int Cell_TryCompareExchange()
    {
        int seen = 0;
        for (int i = 0; i < N; i++)
            _cell.TryCompareExchange(ref seen, i);
        return seen;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("fetch_add")]
    public int Bare_Add()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Interlocked.Add(ref _int, i) - i;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("fetch_add")]
    public int Cell_FetchAdd()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.FetchAdd(i);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("fetch_or")]
    public int Bare_Or()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Interlocked.Or(ref _int, i);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("fetch_or")]
    public int Cell_FetchOr()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.FetchOr(i);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("fetch_and")]
    public int Bare_And()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Interlocked.And(ref _int, i);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("fetch_and")]
    public int Cell_FetchAnd()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.FetchAnd(i);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("fetch_xor")]
    public int Bare_XorLoop()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            int old = Volatile.Read(ref _int);
            while (true)
            {
                int seen = Interlocked.CompareExchange(ref _int, old ^ i, old);
                if (seen == old)
                    break;
                old = seen;
            }

            sum += old;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("fetch_xor")]
    public int Cell_FetchXor()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.FetchXor(i);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("inc_not_zero")]
    public int Bare_AddUnlessLoop()
    {
        _int = 1;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            int old = Volatile.Read(ref _int);
            while (old != 0)
            {
                int seen = Interlocked.CompareExchange(ref _int, old + 1, old);
                if (seen == old)
                    break;
                old = seen;
            }

            sum += old;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("inc_not_zero")]
    public int Cell_AddUnless()
    {
        _cell.WriteOnce(1);
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.AddUnless(1, 0);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("await")]
    public int Bare_AwaitLoop()
    {
        _int = 7;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            while (Volatile.Read(ref _int) != 7)
                Thread.SpinWait(1);
            sum += i;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("await")]
    public int Cell_AwaitEqual_satisfied()
    {
        _cell.WriteOnce(7);
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            _cell.AwaitEqual(7);
            sum += i;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("await mask")]
    public int Bare_AwaitMaskLoop()
    {
        _int = 4;
        int sum = 0;
        for (int i = 0; i < N; i++)
        {
            int seen;
            while (((seen = Volatile.Read(ref _int)) & 3) != 0)
                Thread.SpinWait(1);
            sum += seen;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("await mask")]
    public int Cell_AwaitClear_satisfied()
    {
        _cell.WriteOnce(4);
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _cell.AwaitClear(3);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("lock word")]
    public void Bare_TestAndSet()
    {
        _int = 0;
        for (int i = 0; i < N; i++)
        {
            while (Interlocked.CompareExchange(ref _int, 1, 0) != 0)
                Thread.SpinWait(1);
            Volatile.Write(ref _int, 0);
        }
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("lock word")]
    public void Cell_AwaitExchange()
    {
        _cell.WriteOnce(0);
        for (int i = 0; i < N; i++)
        {
            _cell.AwaitExchange(0, 1);
            _cell.StoreRelease(0);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("read field")]
    public int Bare_ReadPart()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Volatile.Read(ref System.Runtime.CompilerServices.Unsafe.As<int, byte>(ref _int));
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("read field")]
    public int Cell_ReadField()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += (int)_cell.ReadField(s_lowByte);
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("write field")]
    public void Bare_WritePart()
    {
        for (int i = 0; i < N; i++)
            Volatile.Write(ref System.Runtime.CompilerServices.Unsafe.As<int, byte>(ref _int), (byte)i);
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("write field")]
    public void Cell_WriteField()
    {
        for (int i = 0; i < N; i++)
            _cell.WriteField(s_lowByte, (byte)i);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("ref read")]
    public int Bare_RefRead()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += Volatile.Read(ref _object) is null ? 0 : 1;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("ref read")]
    public int Ref_ReadOnce()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _ref.ReadOnce() is null ? 0 : 1;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("ref read")]
    public int Ref_AwaitNotNull_satisfied()
    {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += _ref.AwaitNotNull() is null ? 0 : 1;
        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("ref write")]
    public void Bare_RefWrite()
    {
        for (int i = 0; i < N; i++)
            Volatile.Write(ref _object, s_a);
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("ref write")]
    public void Ref_StoreRelease()
    {
        for (int i = 0; i < N; i++)
            _ref.StoreRelease(s_a);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("ref exchange")]
    public void Bare_RefExchange()
    {
        for (int i = 0; i < N; i++)
            Interlocked.Exchange(ref _object, s_a);
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("ref exchange")]
    public void Ref_Exchange()
    {
        for (int i = 0; i < N; i++)
            _ref.Exchange(s_a);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("ref cmpxchg")]
    public void Bare_RefCompareExchange()
    {
        for (int i = 0; i < N; i++)
            Interlocked.CompareExchange(ref _object, s_a, s_a);
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("ref cmpxchg")]
    public void Ref_CompareExchange()
    {
        for (int i = 0; i < N; i++)
            _ref.CompareExchange(s_a, s_a);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("plain")]
    public int Bare_Field()
    {
        for (int i = 0; i < N; i++)
            _bare += i;
        return _bare;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("plain")]
    public int Plain_ReadWrite()
    {
        for (int i = 0; i < N; i++)
            _plain.Write(_plain.Read() + i);
        return _plain.Read();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("fence")]
    public void Bare_MemoryBarrier()
    {
        for (int i = 0; i < N; i++)
            Interlocked.MemoryBarrier();
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("fence")]
    public void Fence_Full()
    {
        for (int i = 0; i < N; i++)
            Fence.Full();
    }

    private static readonly WordField s_lowByte = new(0, 8);
}
