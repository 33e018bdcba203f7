using BenchmarkDotNet.Attributes;
using RcuModel.Primitives;

namespace RcuModel.Bench;

/// <summary>
/// Taking and giving back a range of each kind of lock when nobody else is there, beside a whole read-write semaphore and two bare
/// compare-and-swaps, which are the least that a lock of two atomic steps costs.
/// </summary>
public class RangeLockBenchmarks
{
    private const int N = 1024;

    private readonly TreeRangeLock _tree = new();
    private readonly ListRangeLock _list = new();
    private readonly ListRangeLock _occupiedList = new();
    private readonly SlotRangeLock _slots = new();
    private readonly HashedRangeLock _hashed = new();
    private readonly AnnounceRangeLock _announce = new();
    private readonly Rwsem _rwsem = new();
    private readonly RangeNode _treeNode;
    private readonly RangeNode _listNode;
    private readonly RangeNode _occupiedNode;
    private readonly RangeNode _slotNode;
    private readonly RangeNode _hashedNode;
    private readonly RangeNode _announceNode;
    private int _word;
    private int _data;

    public RangeLockBenchmarks()
    {
        _treeNode = _tree.NewNode();
        _listNode = _list.NewNode();
        _occupiedNode = _occupiedList.NewNode();
        _slotNode = _slots.NewNode();
        _hashedNode = _hashed.NewNode();
        _announceNode = _announce.NewNode();

        // Two, so that nobody is alone.
        _occupiedList.Acquire(_occupiedList.NewNode(), LockMode.Write, 0, 9);
        _occupiedList.Acquire(_occupiedList.NewNode(), LockMode.Write, 90, 99);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = N)]
    public int Bare_TwoCompareAndSwaps()
    {
        for (int i = 0; i < N; i++)
        {
            if (Interlocked.CompareExchange(ref _word, 1, 0) != 0)
                return 0;
            _data++;
            Interlocked.CompareExchange(ref _word, 0, 1);
        }

        return _data;
    }

    [Benchmark(OperationsPerInvoke = N)]
    public int Tree_Write() => Section(_tree, _treeNode, LockMode.Write);

    [Benchmark(OperationsPerInvoke = N)]
    public int Tree_Read() => Section(_tree, _treeNode, LockMode.Read);

    [Benchmark(OperationsPerInvoke = N)]
    public int List_Write_Alone() => Section(_list, _listNode, LockMode.Write);

    [Benchmark(OperationsPerInvoke = N)]
    public int List_Write_Beside_Two() => Section(_occupiedList, _occupiedNode, LockMode.Write);

    [Benchmark(OperationsPerInvoke = N)]
    public int Slots_Write() => Section(_slots, _slotNode, LockMode.Write);

    [Benchmark(OperationsPerInvoke = N)]
    public int Hashed_Write() => Section(_hashed, _hashedNode, LockMode.Write);

    [Benchmark(OperationsPerInvoke = N)]
    public int Announce_Write() => Section(_announce, _announceNode, LockMode.Write);

    [Benchmark(OperationsPerInvoke = N)]
    public int Announce_Optimistic()
    {
        AnnounceRangeLock tested = _announce;
        for (int i = 0; i < N; i++)
        {
            ulong ticket = tested.BeginRead(20, 29);
            int seen = Volatile.Read(ref _word);
            if (tested.Validate(ticket))
                _data += seen;
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

    private int Section(RangeLock tested, RangeNode node, LockMode mode)
    {
        for (int i = 0; i < N; i++)
        {
            tested.Acquire(node, mode, 20, 29);
            _data++;
            tested.Release(node);
        }

        return _data;
    }
}
