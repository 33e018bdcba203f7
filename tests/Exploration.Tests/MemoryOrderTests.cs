using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>
/// Data races on plain fields under the memory orders: what is ordered is not reported, what only happens to come in
/// order is. The verdict must not depend on the order of independent steps, so dpor and dfs agree on each.
/// </summary>
public sealed class MemoryOrderTests
{
    private static readonly WordField s_low = new(0, 8);
    private static readonly WordField s_high = new(8, 8);
    private static readonly WordField s_both = new(0, 16);

    private static readonly Dictionary<string, Action> s_clean = new(StringComparer.Ordinal)
    {
        ["release store, acquire load"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1), (ref Cell<int> flag) => flag.LoadAcquire() == 1),
        ["write fence, read fence"] = () => MessagePassing(
            (ref Cell<int> flag) =>
            {
                Fence.Write();
                flag.WriteOnce(1);
            },
            (ref Cell<int> flag) =>
            {
                bool seen = flag.ReadOnce() == 1;
                Fence.Read();
                return seen;
            }),
        ["full fences"] = () => MessagePassing(
            (ref Cell<int> flag) =>
            {
                Fence.Full();
                flag.WriteOnce(1);
            },
            (ref Cell<int> flag) =>
            {
                bool seen = flag.ReadOnce() == 1;
                Fence.Full();
                return seen;
            }),
        ["full exchange, acquire load"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.Exchange(1), (ref Cell<int> flag) => flag.LoadAcquire() == 1),
        ["release store, full exchange"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1), (ref Cell<int> flag) => flag.Exchange(2) == 1),
        ["release store, successful acquire cmpxchg"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1),
            (ref Cell<int> flag) => flag.CompareExchange(1, 2, Order.Acquire) == 1),
        ["release store, await"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1),
            (ref Cell<int> flag) =>
            {
                flag.AwaitEqual(1);
                return true;
            }),
        ["release store, full await"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1),
            (ref Cell<int> flag) =>
            {
                flag.AwaitEqual(1, Order.Full);
                return true;
            }),
        ["release store, relaxed read-modify-write in between, acquire load"] = () => Chain(
            static (ref Cell<int> flag) => flag.FetchAdd(1, Order.Relaxed)),
        ["a store to another part in between"] = () => Parts(
            static (ref Cell<int> word) => word.WriteField(s_high, 1), static (ref Cell<int> word) => word.LoadAcquire() == 0x101),
        ["an exchange of another part in between"] = () => Parts(
            static (ref Cell<int> word) => word.ExchangeField(s_high, 1, Order.Relaxed),
            static (ref Cell<int> word) => word.LoadAcquire() == 0x101),
        ["an acquire of the part that was released"] = () => Parts(
            static (ref Cell<int> word) => word.WriteField(s_high, 1),
            static (ref Cell<int> word) => word.ReadField(s_low, Order.Acquire) == 1),
        ["test-and-set lock"] = TestAndSet,
        ["specification lock"] = () => Locked(LockMode.Write, LockMode.Write),
        ["writer and reader of a specification lock"] = WriterAndReaders,
        ["spawn and join"] = SpawnAndJoin,
        ["spawn through a thread that does nothing itself"] = () =>
        {
            var d = new Plain<int>(0, "d");
            var x = new Cell<int>(0, "x");
            d.Write(1);
            x.WriteOnce(1);
            Execution.Run(() => Execution.Run(() =>
            {
                d.Write(2);
                x.ReadOnce();
            }));
            _ = d.Read();
        },
        ["plain reads side by side"] = () =>
        {
            var d = new Plain<int>(0, "d");
            var x = new Cell<int>(0, "x");
            Action read = () =>
            {
                x.FetchAdd(1, Order.Relaxed);
                _ = d.Read();
            };
            Execution.Run(read, read, read);
        },
        ["a process-wide fence waits out a reader without fences"] = () => ProcessWide(fence: true),
        ["await over two cells"] = () =>
        {
            var d = new Plain<int>(0, "d");
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    d.Write(1);
                    x.StoreRelease(1);
                },
                () => y.StoreRelease(1),
                () =>
                {
                    Execution.Await(ref x, ref y, static (a, b) => a == 1 && b == 1);
                    _ = d.Read();
                });
        },
    };

    private static readonly Dictionary<string, Action> s_racy = new(StringComparer.Ordinal)
    {
        ["relaxed store, relaxed load"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.WriteOnce(1), (ref Cell<int> flag) => flag.ReadOnce() == 1),
        ["relaxed store, acquire load"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.WriteOnce(1), (ref Cell<int> flag) => flag.LoadAcquire() == 1),
        ["release store, relaxed load"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1), (ref Cell<int> flag) => flag.ReadOnce() == 1),
        ["read fence where a write fence is needed"] = () => MessagePassing(
            (ref Cell<int> flag) =>
            {
                Fence.Read();
                flag.WriteOnce(1);
            },
            (ref Cell<int> flag) => flag.LoadAcquire() == 1),
        ["write fence where a read fence is needed"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1),
            (ref Cell<int> flag) =>
            {
                bool seen = flag.ReadOnce() == 1;
                Fence.Write();
                return seen;
            }),
        ["fence before the load instead of after"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1),
            (ref Cell<int> flag) =>
            {
                Fence.Full();
                return flag.ReadOnce() == 1;
            }),
        ["relaxed await"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1),
            (ref Cell<int> flag) =>
            {
                flag.AwaitEqual(1, Order.Relaxed);
                return true;
            }),
        ["relaxed exchanges"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.Exchange(1, Order.Relaxed), (ref Cell<int> flag) => flag.Exchange(2, Order.Relaxed) == 1),
        ["a failed full cmpxchg orders nothing"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1), (ref Cell<int> flag) => flag.CompareExchange(5, 6) == 1),
        ["a failed acquire cmpxchg orders nothing"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1),
            (ref Cell<int> flag) => flag.CompareExchange(5, 6, Order.Acquire) == 1),
        ["a refused acquire add-unless orders nothing"] = () => MessagePassing(
            (ref Cell<int> flag) => flag.StoreRelease(1),
            (ref Cell<int> flag) => flag.AddUnless(1, 1, Order.Acquire) == 1),
        ["a relaxed store to the same part in between"] = () => Parts(
            static (ref Cell<int> word) => word.WriteField(s_low, 2), static (ref Cell<int> word) => word.LoadAcquire() == 2),
        ["a relaxed store to a larger part in between"] = () => Parts(
            static (ref Cell<int> word) => word.WriteField(s_both, 2), static (ref Cell<int> word) => word.LoadAcquire() == 2),
        ["an acquire of another part than was released"] = () => Parts(
            static (ref Cell<int> word) => word.WriteField(s_high, 1),
            static (ref Cell<int> word) => word.ReadField(s_high, Order.Acquire) == 1),
        ["a relaxed store in between ends the release sequence"] = () => Chain(
            static (ref Cell<int> flag) => flag.WriteOnce(2)),
        ["a failed trylock orders nothing"] = () =>
        {
            var l = new SpecLock("l", watched: false);
            var d = new Plain<int>(0, "d");
            Execution.Run(
                () =>
                {
                    l.Acquire();
                    d.Write(1);
                    l.Release();
                    l.Acquire();
                },
                () =>
                {
                    if (!l.TryAcquire())
                        _ = d.Read();
                });
        },
        ["two readers of a lock that write"] = () => Locked(LockMode.Read, LockMode.Read),
        ["a reader of a lock that writes, beside another that reads"] = () =>
        {
            var l = new SpecLock("l", watched: false);
            var d = new Plain<int>(0, "d");
            Execution.Run(
                () =>
                {
                    l.Acquire(LockMode.Read);
                    d.Write(1);
                    l.Release(LockMode.Read);
                },
                () =>
                {
                    l.Acquire(LockMode.Read);
                    _ = d.Read();
                    l.Release(LockMode.Read);
                });
        },
        ["disjoint ranges of one lock"] = () =>
        {
            var l = new SpecLock("l");
            var d = new Plain<int>(0, "d");
            Execution.Run(
                () =>
                {
                    l.Acquire(LockMode.Write, 0, 9);
                    d.Write(1);
                    l.Release(LockMode.Write, 0, 9);
                },
                () =>
                {
                    l.Acquire(LockMode.Write, 10, 19);
                    d.Write(2);
                    l.Release(LockMode.Write, 10, 19);
                });
        },
        ["two locks"] = () =>
        {
            var a = new SpecLock("a");
            var b = new SpecLock("b");
            var d = new Plain<int>(0, "d");
            Execution.Run(() => Add(a), () => Add(b));

            void Add(SpecLock l)
            {
                l.Acquire();
                d.Write(d.Read() + 1);
                l.Release();
            }
        },
        ["write after the spawn"] = () =>
        {
            var d = new Plain<int>(0, "d");
            var x = new Cell<int>(0, "x");
            ModelThread thread = Execution.Start("child", () =>
            {
                x.ReadOnce();
                _ = d.Read();
            });
            x.ReadOnce();
            d.Write(1);
            thread.Join();
        },
        ["read before the join"] = () =>
        {
            var d = new Plain<int>(0, "d");
            var x = new Cell<int>(0, "x");
            ModelThread thread = Execution.Start("child", () =>
            {
                x.ReadOnce();
                d.Write(1);
            });
            x.ReadOnce();
            _ = d.Read();
            thread.Join();
        },
        ["two writers"] = () =>
        {
            var d = new Plain<int>(0, "d");
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    d.Write(1);
                    x.WriteOnce(1);
                },
                () =>
                {
                    d.Write(1);
                    x.WriteOnce(2);
                });
        },
        ["no process-wide fence"] = () => ProcessWide(fence: false),
    };

    private delegate void Publish(ref Cell<int> flag);

    private delegate bool Receive(ref Cell<int> flag);

    public static TheoryData<string> Clean { get; } = [.. s_clean.Keys];

    public static TheoryData<string> Racy { get; } = [.. s_racy.Keys];

    [Theory]
    [MemberData(nameof(Clean))]
    public void What_is_ordered_is_no_race(string program)
    {
        foreach (StrategyKind strategy in new[] { StrategyKind.Dpor, StrategyKind.Dfs })
        {
            ExplorationResult result = Explorer.Explore(s_clean[program], new ExplorationOptions { Strategy = strategy });
            Assert.True(result.Verdict == Verdict.Verified, $"{strategy}: {result}");
        }

        ExplorationResult buffered = Explorer.Explore(s_clean[program], new ExplorationOptions { Memory = MemoryModel.Tso });
        Assert.True(buffered.Verdict == Verdict.Verified, $"tso: {buffered}");
    }

    [Theory]
    [MemberData(nameof(Racy))]
    public void What_is_not_ordered_is_a_race(string program)
    {
        foreach (StrategyKind strategy in new[] { StrategyKind.Dfs, StrategyKind.Dpor })
        {
            ExplorationResult result = Explorer.Explore(
                s_racy[program], new ExplorationOptions { Strategy = strategy, AllowBlocked = true });
            Assert.True(result.Violation?.Kind == ViolationKind.DataRace, $"{strategy}: {result}");
        }

        ExplorationResult buffered = Explorer.Explore(
            s_racy[program], new ExplorationOptions { Memory = MemoryModel.Tso, AllowBlocked = true });
        Assert.True(buffered.Violation?.Kind == ViolationKind.DataRace, $"tso: {buffered}");
    }

    private static void MessagePassing(Publish publish, Receive receive)
    {
        Cell<int>[] flag = Cell<int>.Array(1, 0, "flag");
        var d = new Plain<int>(0, "d");
        Execution.Run(
            () =>
            {
                d.Write(42);
                publish(ref flag[0]);
            },
            () =>
            {
                if (receive(ref flag[0]))
                    Execution.Assert(d.Read() == 42);
            });
    }

    // T1 releases 1, T2 makes 2 of it, T3 acquires the 2.
    private static void Chain(Publish between)
    {
        Cell<int>[] flag = Cell<int>.Array(1, 0, "flag");
        var d = new Plain<int>(0, "d");
        Execution.Run(
            () =>
            {
                d.Write(42);
                flag[0].StoreRelease(1);
            },
            () =>
            {
                if (flag[0].ReadOnce() == 1)
                    between(ref flag[0]);
            },
            () =>
            {
                if (flag[0].LoadAcquire() == 2)
                    _ = d.Read();
            });
    }

    // As Chain, with a word of parts: the first thread releases the low one.
    private static void Parts(Publish between, Receive observe)
    {
        Cell<int>[] word = Cell<int>.Array(1, 0, "word");
        var d = new Plain<int>(0, "d");
        Execution.Run(
            () =>
            {
                d.Write(42);
                word[0].WriteField(s_low, 1, Order.Release);
            },
            () =>
            {
                if (word[0].ReadField(s_low) == 1)
                    between(ref word[0]);
            },
            () =>
            {
                if (observe(ref word[0]))
                    _ = d.Read();
            });
    }

    private static void TestAndSet()
    {
        var l = new Cell<int>(0, "l");
        var d = new Plain<int>(0, "d");
        Action add = () =>
        {
            l.AwaitExchange(0, 1, Order.Acquire);
            d.Write(d.Read() + 1);
            l.StoreRelease(0);
        };
        Execution.Run(add, add, add);
        Execution.Assert(d.Read() == 3);
    }

    private static void Locked(LockMode first, LockMode second)
    {
        var l = new SpecLock("l");
        var d = new Plain<int>(0, "d");
        Execution.Run(() => Add(first), () => Add(second));

        void Add(LockMode mode)
        {
            l.Acquire(mode);
            d.Write(d.Read() + 1);
            l.Release(mode);
        }
    }

    private static void WriterAndReaders()
    {
        var l = new SpecLock("l");
        var d = new Plain<int>(0, "d");
        Action read = () =>
        {
            l.Acquire(LockMode.Read);
            _ = d.Read();
            l.Release(LockMode.Read);
        };
        Execution.Run(
            read,
            () =>
            {
                l.Acquire();
                d.Write(d.Read() + 1);
                l.Release();
            },
            read);
    }

    private static void SpawnAndJoin()
    {
        var d = new Plain<int>(0, "d");
        var x = new Cell<int>(0, "x");
        d.Write(1);
        ModelThread thread = Execution.Start("child", () =>
        {
            x.ReadOnce();
            d.Write(d.Read() + 1);
        });
        thread.Join();
        Execution.Assert(d.Read() == 2);
    }

    private static void ProcessWide(bool fence)
    {
        var pointer = new Cell<int>(0, "pointer");
        var inside = new Cell<int>(0, "inside");
        var d = new Plain<int>(0, "d");
        Execution.Run(
            () =>
            {
                inside.WriteOnce(1);
                if (pointer.ReadOnce() == 0)
                    _ = d.Read();
                inside.WriteOnce(0);
            },
            () =>
            {
                pointer.WriteOnce(1);
                if (fence)
                    Fence.ProcessWide();
                inside.AwaitEqual(0, Order.Relaxed);
                if (fence)
                    Fence.ProcessWide();
                d.Write(1);
            });
    }
}
