using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// The interval tree and the maple tree beside the runtime's sorted collections, with nothing in them and with a thousand
/// ranges; each with the lock that its rules ask for, or none where one thread is alone.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class StructureBenchmarks
{
    private const int N = 1024;
    private const int Ranges = 1000;

    private readonly IntervalTree _empty = new();
    private readonly IntervalTree _intervals = new();
    private readonly IntervalNode _node = new();
    private readonly TicketSpinlock _lock = new();
    private readonly SortedSet<(ulong First, ulong Last)> _set = [];
    private readonly SortedSet<(ulong First, ulong Last)> _emptySet = [];
    private readonly MapleTree _maple = new();
    private readonly MapleTree _mapleRcu = new(static node => node.Free());
    private readonly SortedDictionary<ulong, object> _dictionary = [];
    private readonly object _entry = new();

    public StructureBenchmarks()
    {
        for (ulong i = 0; i < Ranges; i++)
        {
            _intervals.Insert(new IntervalNode(), First(i), First(i) + 4);
            _set.Add((First(i), First(i) + 4));
            _maple.Store(First(i), First(i) + 4, _entry);
            _mapleRcu.Store(First(i), First(i) + 4, _entry);
            _dictionary.Add(First(i), _entry);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("insert and remove, empty, locked")]
    public int SortedSet_Empty()
    {
        for (int i = 0; i < N; i++)
        {
            _lock.Lock();
            _emptySet.Add((10, 20));
            _lock.Unlock();
            _lock.Lock();
            _emptySet.Remove((10, 20));
            _lock.Unlock();
        }

        return _emptySet.Count;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("insert and remove, empty, locked")]
    public int IntervalTree_Empty()
    {
        for (int i = 0; i < N; i++)
        {
            _lock.Lock();
            if (!_empty.Overlaps(10, 20))
                _empty.Insert(_node, 10, 20);
            _lock.Unlock();
            _lock.Lock();
            _empty.Remove(_node);
            _lock.Unlock();
        }

        return _empty.IsEmpty ? 0 : 1;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("insert and remove, 1000 ranges")]
    public int SortedSet_InsertRemove()
    {
        for (int i = 0; i < N; i++)
        {
            ulong first = First(Any(i)) + 5;
            _set.Add((first, first + 2));
            _set.Remove((first, first + 2));
        }

        return _set.Count;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("insert and remove, 1000 ranges")]
    public int IntervalTree_InsertRemove()
    {
        for (int i = 0; i < N; i++)
        {
            ulong first = First(Any(i)) + 5;
            _intervals.Insert(_node, first, first + 2);
            _intervals.Remove(_node);
        }

        return _intervals.IsEmpty ? 0 : 1;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("insert and remove, 1000 ranges")]
    public int MapleTree_InsertRemove()
    {
        for (int i = 0; i < N; i++)
        {
            ulong first = First(Any(i)) + 5;
            _maple.Store(first, first + 2, _entry);
            _maple.Store(first, first + 2, null);
        }

        return _maple.IsEmpty ? 0 : 1;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("insert and remove, 1000 ranges")]
    public int MapleTree_Rcu_InsertRemove()
    {
        for (int i = 0; i < N; i++)
        {
            ulong first = First(Any(i)) + 5;
            _mapleRcu.Store(first, first + 2, _entry);
            _mapleRcu.Store(first, first + 2, null);
        }

        return _mapleRcu.IsEmpty ? 0 : 1;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N), BenchmarkCategory("look-up, 1000 ranges")]
    public int SortedDictionary_Lookup()
    {
        int found = 0;
        for (int i = 0; i < N; i++)
            found += _dictionary.TryGetValue(First(Any(i)), out _) ? 1 : 0;
        return found;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("look-up, 1000 ranges")]
    public int IntervalTree_Lookup()
    {
        int found = 0;
        for (int i = 0; i < N; i++)
        {
            ulong index = First(Any(i)) + 2;
            found += _intervals.Overlaps(index, index) ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = N), BenchmarkCategory("look-up, 1000 ranges")]
    public int MapleTree_Lookup()
    {
        int found = 0;
        for (int i = 0; i < N; i++)
            found += _maple.Load(First(Any(i)) + 2) is null ? 0 : 1;
        return found;
    }

    private static ulong First(ulong number) => number * 10;

    // Far from one to the next.
    private static ulong Any(int i) => (ulong)i * 617 % Ranges;
}
