using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>RCU as a specification: what it orders, and how it is misused.</summary>
public sealed class RcuTests
{
    public static TheoryData<MemoryModel> Models { get; } = [MemoryModel.Sc, MemoryModel.Tso];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_grace_period_comes_before_or_after_the_beginning_of_a_reader(MemoryModel memory)
    {
        Assert.Equal(2, Verified(memory, static rcu => Execution.Run(() => Read(rcu), () => rcu.Synchronize())));
        Assert.Equal(1, Verified(memory, static rcu => Execution.Run(() => Read(rcu), () => Read(rcu), () => Read(rcu))));
        Assert.Equal(1, Verified(memory, static rcu => Execution.Run(() => rcu.Synchronize(), () => rcu.Synchronize(), () => rcu.Synchronize())));
        Assert.Equal(8, Verified(memory, static rcu => Execution.Run(() => Read(rcu), () => Read(rcu), () => Read(rcu), () => rcu.Synchronize())));
        Assert.Equal(3, Verified(memory, static rcu => Execution.Run(
            () =>
            {
                Read(rcu);
                Read(rcu);
            },
            () => rcu.Synchronize())));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Readers_nest(MemoryModel memory) => Assert.Equal(2, Verified(memory, static rcu => Execution.Run(
        () =>
        {
            rcu.ReadLock();
            Read(rcu);
            rcu.ReadUnlock();
        },
        () => rcu.Synchronize())));

    // What the reader did comes before the end of the grace period, what was done before it began comes before the reader.
    [Theory]
    [MemberData(nameof(Models))]
    public void It_orders_plain_accesses_in_both_directions(MemoryModel memory)
    {
        _ = Verified(memory, static rcu =>
        {
            var d = new Plain<int>(0, "d");
            var e = new Plain<int>(0, "e");
            var gone = new Cell<int>(0, "gone");
            Execution.Run(
                () =>
                {
                    rcu.ReadLock();
                    if (gone.ReadOnce() == 0)
                        _ = d.Read();
                    else
                        _ = e.Read();
                    rcu.ReadUnlock();
                },
                () =>
                {
                    e.Write(1);
                    rcu.Synchronize();
                    gone.WriteOnce(1);
                    rcu.Synchronize();
                    d.Write(1);
                });
        });
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Without_the_first_grace_period_the_reader_races(MemoryModel memory) => Violates(
        ViolationKind.DataRace, "data race on e", memory, static rcu =>
        {
            var e = new Plain<int>(0, "e");
            var gone = new Cell<int>(0, "gone");
            Execution.Run(
                () =>
                {
                    rcu.ReadLock();
                    if (gone.ReadOnce() == 1)
                        _ = e.Read();
                    rcu.ReadUnlock();
                },
                () =>
                {
                    e.Write(1);
                    gone.WriteOnce(1);
                    rcu.Synchronize();
                });
        });

    // A reader whose stores are buffered has not ended for a grace period before they are in memory.
    [Theory]
    [MemberData(nameof(Models))]
    public void Store_buffering_against_a_grace_period_is_forbidden(MemoryModel memory)
    {
        _ = Verified(memory, static rcu =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            int r1 = 0, r2 = 0;
            Execution.Run(
                () =>
                {
                    rcu.ReadLock();
                    x.WriteOnce(1);
                    r1 = y.ReadOnce();
                    rcu.ReadUnlock();
                },
                () =>
                {
                    y.WriteOnce(1);
                    rcu.Synchronize();
                    r2 = x.ReadOnce();
                });
            Execution.Assert(r1 == 1 || r2 == 1);
        });
    }

    // Two readers that look at two pointers, and an updater with two grace periods: what they can see is the same with the
    // specification and with one written out, access by access.
    [Theory]
    [MemberData(nameof(Models))]
    public void Its_outcomes_are_those_of_an_implementation(MemoryModel memory)
    {
        HashSet<string> specified = Outcomes(memory, static () =>
        {
            var rcu = new SpecRcu("rcu");
            return (_ => rcu.ReadLock(), _ => rcu.ReadUnlock(), () => rcu.Synchronize());
        });
        HashSet<string> written = Outcomes(memory, static () =>
        {
            Cell<int>[] reading = Cell<int>.Array(2, 0, "reading");
            return (
                reader =>
                {
                    reading[reader].WriteOnce(1);
                    Fence.Full();
                },
                reader => reading[reader].StoreRelease(0),
                () =>
                {
                    Fence.Full();
                    foreach (ref Cell<int> cell in reading.AsSpan())
                        cell.AwaitEqual(0);
                }
            );
        });
        Assert.True(specified.Count > 5);
        Assert.Equal(written.Order(StringComparer.Ordinal), specified.Order(StringComparer.Ordinal));
    }

    private static HashSet<string> Outcomes(
        MemoryModel memory, Func<(Action<int> Lock, Action<int> Unlock, Action Synchronize)> create)
    {
        var outcomes = new HashSet<string>(StringComparer.Ordinal);
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                (Action<int> begin, Action<int> end, Action synchronize) = create();
                var p = new Cell<int>(0, "p");
                var q = new Cell<int>(0, "q");
                string[] seen = new string[2];
                Execution.Run(() => Look(0), () => Look(1), () =>
                {
                    p.WriteOnce(1);
                    synchronize();
                    q.WriteOnce(1);
                    synchronize();
                    p.WriteOnce(2);
                });
                outcomes.Add(string.Join(' ', seen));

                void Look(int reader)
                {
                    begin(reader);
                    int first = p.ReadOnce();
                    int second = q.ReadOnce();
                    seen[reader] = $"{first}{second}{p.ReadOnce()}";
                    end(reader);
                }
            },
            new ExplorationOptions { Memory = memory });
        Assert.Equal(Verdict.Verified, result.Verdict);
        return outcomes;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Misuse_is_named(MemoryModel memory)
    {
        Violates(ViolationKind.RcuUsage, "inside a reader of its own, which can never end", memory, static rcu =>
        {
            rcu.ReadLock();
            rcu.Synchronize();
        });
        Violates(ViolationKind.RcuUsage, "ends a reader of rcu, and is in none", memory, static rcu =>
        {
            Read(rcu);
            rcu.ReadUnlock();
        });
        Violates(ViolationKind.RcuUsage, "ends inside a reader of rcu", memory, static rcu => Execution.Run(() => rcu.ReadLock()));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_reader_that_waits_for_who_waits_for_it_is_a_deadlock(MemoryModel memory) => Violates(
        ViolationKind.Deadlock, "waits for a grace period of rcu, which T1 holds up", memory, static rcu =>
        {
            var l = new SpecLock("l");
            Execution.Run(
                () =>
                {
                    rcu.ReadLock();
                    l.Acquire();
                    l.Release();
                    rcu.ReadUnlock();
                },
                () =>
                {
                    l.Acquire();
                    rcu.Synchronize();
                    l.Release();
                });
        });

    private static void Read(SpecRcu rcu)
    {
        rcu.ReadLock();
        rcu.ReadUnlock();
    }

    private static long Verified(MemoryModel memory, Action<SpecRcu> body)
    {
        ExplorationResult result = Explorer.Explore(
            () => body(new SpecRcu("rcu")), new ExplorationOptions { Memory = memory });
        Assert.True(result.Verdict == Verdict.Verified, result.ToString() + result.Violation?.Report);
        Assert.Equal(0, result.Redundant);
        ExplorationResult dfs = Explorer.Explore(
            () => body(new SpecRcu("rcu")), new ExplorationOptions { Memory = memory, Strategy = StrategyKind.Dfs, ExecutionsMax = 300_000 });
        Assert.Null(dfs.Violation);
        if (dfs.Bound is null)
            Assert.Equal(result.Executions, dfs.Distinct);
        return result.Executions;
    }

    private static void Violates(ViolationKind kind, string rule, MemoryModel memory, Action<SpecRcu> body)
    {
        foreach (StrategyKind strategy in new[] { StrategyKind.Dpor, StrategyKind.Dfs })
        {
            ExplorationResult result = Explorer.Explore(
                () => body(new SpecRcu("rcu")), new ExplorationOptions { Memory = memory, Strategy = strategy });
            Assert.True(result.Violation?.Kind == kind, result.ToString());
            Assert.Contains(rule, result.Violation.Rule, StringComparison.Ordinal);
            Assert.DoesNotContain("NOTE", result.Violation.Report, StringComparison.Ordinal);
        }
    }
}
