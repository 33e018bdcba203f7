using System.Diagnostics;

namespace RcuModel.Primitives.Tests.RangeLocks;

/// <summary>The locks of ranges on real threads. Their interleavings are explored with the scenarios.</summary>
public sealed class RangeLockTests
{
    private const int Places = 8;
    private const ulong Block = 512;
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(180);

    public static TheoryData<string> Kinds => ["tree", "list", "slots", "hashed", "announce", "spec", "hashed-spec"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Holders_that_overlap_are_all_readers(string kind)
    {
        RangeLock tested = Create(kind);
        RangeNode one = tested.NewNode(), other = tested.NewNode();
        tested.Acquire(one, LockMode.Write, 0, Block - 1);
        Assert.False(tested.TryAcquire(other, LockMode.Read, Block - 1, Block));
        Assert.True(tested.TryAcquire(other, LockMode.Write, Block, Block));
        tested.Release(other);
        Assert.False(tested.TryAcquire(other, LockMode.Read));
        tested.Downgrade(one);
        Assert.False(tested.TryAcquire(other, LockMode.Write, 0, 0));
        Assert.True(tested.TryAcquire(other, LockMode.Read));
        tested.Release(one);
        Assert.False(tested.TryAcquire(one, LockMode.Write, ulong.MaxValue, ulong.MaxValue));
        tested.Release(other);
        Assert.True(tested.TryAcquire(one));
        tested.Release(one);
        tested.EndNode(one);
        tested.EndNode(other);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Who_gives_up_is_gone(string kind)
    {
        RangeLock tested = Create(kind);
        RangeNode one = tested.NewNode(), other = tested.NewNode();
        tested.Acquire(one, LockMode.Read, 0, 0);
        int asked = 0;
        Assert.False(tested.AcquireUnless(other, LockMode.Write, () => ++asked == 3, 0, 1));
        Assert.Equal(3, asked);
        tested.Release(one);
        Assert.True(tested.TryAcquire(one));
        tested.Release(one);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Random_ranges_exclude(string kind)
    {
        RangeLock tested = Create(kind);
        long[] first = new long[Places], second = new long[Places];
        long wrong = 0;
        var clock = Stopwatch.StartNew();
        Execution.Run(() => Work(1), () => Work(2), () => Work(3), () => Work(4));
        Assert.Equal(0, wrong);
        RangeNode all = tested.NewNode();
        Assert.True(tested.TryAcquire(all));
        Assert.Equal(first, second);

        void Work(int seed)
        {
            var random = new Random(seed);
            RangeNode node = tested.NewNode();
            while (clock.Elapsed < s_duration)
            {
                int a = random.Next(Places), b = random.Next(Places), way = random.Next(8);
                (int from, int to) = (Math.Min(a, b), Math.Max(a, b));
                LockMode mode = way < 4 ? LockMode.Read : LockMode.Write;
                (ulong rangeFirst, ulong rangeLast) = ((ulong)from * Block, ((ulong)to * Block) + Block - 1);
                if (way % 4 == 1)
                {
                    if (!tested.TryAcquire(node, mode, rangeFirst, rangeLast))
                        continue;
                }
                else if (way % 4 == 2)
                {
                    if (!tested.AcquireUnless(node, mode, () => random.Next(4) == 0, rangeFirst, rangeLast))
                        continue;
                }
                else
                {
                    tested.Acquire(node, mode, rangeFirst, rangeLast);
                }

                for (int i = from; i <= to; i++)
                {
                    if (Volatile.Read(ref first[i]) != Volatile.Read(ref second[i]))
                        Interlocked.Increment(ref wrong);
                    if (mode != LockMode.Write)
                        continue;
                    first[i]++;
                    second[i]++;
                }

                if (way == 7)
                    tested.Downgrade(node);
                tested.Release(node);
            }

            tested.EndNode(node);
        }
    }

    [Fact]
    public void What_is_valid_is_of_one_time()
    {
        var tested = new AnnounceRangeLock();
        long first = 0, second = 0, wrong = 0;
        var clock = Stopwatch.StartNew();
        Execution.Run(Read, Read, Write);
        Assert.Equal(0, wrong);

        void Read()
        {
            while (clock.Elapsed < s_duration)
            {
                ulong ticket = tested.BeginRead(0, 9);
                long one = Volatile.Read(ref first), other = Volatile.Read(ref second);
                if (tested.Validate(ticket) && one != other)
                    Interlocked.Increment(ref wrong);
            }
        }

        void Write()
        {
            RangeNode node = tested.NewNode();
            while (clock.Elapsed < s_duration)
            {
                tested.Acquire(node, LockMode.Write, 5, 5);
                Volatile.Write(ref first, first + 1);
                Volatile.Write(ref second, second + 1);
                tested.Release(node);
            }
        }
    }

    private static RangeLock Create(string kind) => kind switch
    {
        "tree" => new TreeRangeLock(),
        "list" => new ListRangeLock(),
        "slots" => new SlotRangeLock(),
        "hashed" => new HashedRangeLock(),
        "hashed-spec" => new HashedRangeLock(grain: Grain.Locks),
        "spec" => new SpecRangeLock(),
        _ => new AnnounceRangeLock(),
    };
}
