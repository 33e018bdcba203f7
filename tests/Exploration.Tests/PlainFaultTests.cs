using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>Faults that reach plain fields: an access that is lost, or that comes later than it should, and which of them a fault picks.</summary>
public sealed class PlainFaultTests
{
    private const OperationKind Read = OperationKind.PlainRead;
    private const OperationKind Write = OperationKind.PlainWrite;

    [Fact]
    public void Without_a_fault_nothing_is_lost()
    {
        Assert.Equal(["1 2 mine"], Seen(new Fault("elsewhere", Write, "z", FaultChange.Skip)));
        Assert.Equal(["1 2 mine"], Seen(new Fault("a cell", OperationKind.Store, "x", FaultChange.Skip)));
    }

    [Theory]
    [InlineData(FaultChange.Split)]
    [InlineData(FaultChange.Relax)]
    public void A_fault_that_a_plain_access_cannot_have_is_refused_in_one_line(FaultChange change)
    {
        string said = Assert.Throws<ArgumentException>(() => new Fault("torn", Write, "x", change)).Message;
        Assert.Equal($"the fault \"torn\" is impossible: {change} of a PlainWrite, which can only have Skip, Delay", said);
    }

    [Fact]
    public void What_is_the_controllers_own_can_have_no_fault_and_what_is_torn_was_one_step()
    {
        Assert.Contains("which can only have none", Assert.Throws<ArgumentException>(
            () => new Fault("not drained", OperationKind.Drain, "x", FaultChange.Skip)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Fault("torn", OperationKind.FetchAdd, "x", FaultChange.Split) with { Kind = OperationKind.Store });
        Assert.False(Fault.IsPossible(OperationKind.Load, FaultChange.Split));
        Assert.False(Fault.IsPossible(OperationKind.Fence, FaultChange.Relax));
        Assert.False(Fault.IsPossible(OperationKind.TryAcquire, FaultChange.Delay));
        Assert.False(Fault.IsPossible((OperationKind)200, FaultChange.Skip));
        Assert.False(Fault.IsPossible(OperationKind.Store, (FaultChange)200));
    }

    [Theory]
    [InlineData("x", "0 2 mine")]
    [InlineData("y", "1 0 mine")]
    [InlineData("name", "1 2 null")]
    [InlineData("", "0 0 null")]
    public void A_write_that_is_skipped_leaves_what_was_there(string field, string seen) =>
        Assert.Equal([seen], Seen(new Fault("lost", Write, field, FaultChange.Skip)));

    [Theory]
    [InlineData("x", "0 2 mine")]
    [InlineData("name", "1 2 null")]
    [InlineData("", "0 0 null")]
    public void A_read_that_is_skipped_yields_nothing_whatever_was_read_before(string field, string seen) =>
        Assert.Equal([seen], Seen(new Fault("not read", Read, field, FaultChange.Skip)));

    [Fact]
    public void A_read_that_is_delayed_yields_nothing_whatever_was_read_before()
    {
        Assert.Equal(["0 2 mine"], Seen(new Fault("read late", Read, "x", FaultChange.Delay)));
        Assert.Equal(["1 2 null"], Seen(new Fault("read late", Read, "name", FaultChange.Delay)));
    }

    [Fact]
    public void A_fault_picks_by_thread_occurrence_and_operand()
    {
        Assert.Equal(["1 2 mine"], Seen(new Fault("another's", Write, "x", FaultChange.Skip) { Thread = 2 }));
        Assert.Equal(["0 2 mine"], Seen(new Fault("its", Write, "x", FaultChange.Skip) { Thread = 1 }));
        Assert.Equal(["1 0 mine"], Seen(new Fault("the second", Write, "", FaultChange.Skip) { Occurrence = 2 }));
        Assert.Equal(["1 0 mine"], Seen(new Fault("that of 2", Write, "", FaultChange.Skip) { Operand = 2 }));

        // A pointer has no operand.
        Assert.Equal(["1 2 mine"], Seen(new Fault("that of 0", Write, "name", FaultChange.Skip) { Operand = 0 }));
        Assert.Equal(["1 2 mine"], Seen(new Fault("of a file", Write, "", FaultChange.Skip) { File = "Another.cs" }));
    }

    // What publishes the fields is the next operation, which a delayed write lets pass.
    [Theory]
    [InlineData("x")]
    [InlineData("name")]
    public void A_write_that_is_delayed_comes_behind_what_should_have_published_it(string field)
    {
        Assert.Null(Published(null));
        Violation? late = Published(new Fault("late", Write, field, FaultChange.Delay));
        Assert.Equal(ViolationKind.DataRace, late?.Kind);
        Assert.Contains(field, late!.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_accesses_are_nothing_that_a_delayed_one_lets_pass()
    {
        // The write to y comes between: x is still late for the flag, and not later than the one behind it.
        var seen = new HashSet<string>();
        Violation? violation = Explorer.Explore(
            () =>
            {
                var x = new Plain<int>(0, "x");
                var y = new Plain<int>(0, "y");
                var first = new Cell<int>(0, "first");
                var second = new Cell<int>(0, "second");
                Execution.Run(
                    () =>
                    {
                        x.Write(1);
                        y.Write(2);
                        first.StoreRelease(1);
                        second.StoreRelease(1);
                    },
                    () =>
                    {
                        second.AwaitEqual(1);
                        seen.Add($"{x.Read()} {y.Read()}");
                    });
            },
            new ExplorationOptions { Fault = new Fault("late", Write, "x", FaultChange.Delay) }).Violation;
        Assert.Null(violation);
        Assert.Equal(["1 2"], seen);
    }

    [Fact]
    public void A_write_is_as_late_as_the_fault_says()
    {
        Assert.Null(Published(new Fault("in time", Write, "before", FaultChange.Delay) { Past = 1 }));
        Assert.Equal(
            ViolationKind.DataRace, Published(new Fault("too late", Write, "before", FaultChange.Delay) { Past = 2 })?.Kind);
    }

    [Fact]
    public void What_is_held_back_happens_before_its_thread_ends()
    {
        Assert.Equal(["1 2 mine"], Seen(new Fault("late", Write, "x", FaultChange.Delay) { Past = 100 }));
        Assert.Equal(["1 2 mine"], Seen(new Fault("late", Write, "", FaultChange.Delay) { Past = 100, Occurrence = 3 }));
    }

    [Fact]
    public void An_earlier_one_that_is_held_back_comes_first()
    {
        // Both are late, and in their order.
        var seen = new HashSet<int>();
        Explorer.Explore(
            () =>
            {
                var x = new Plain<int>(0, "x");
                Execution.Run(() =>
                {
                    x.Write(1);
                    x.Write(2);
                });
                seen.Add(x.Read());
            },
            new ExplorationOptions { Fault = new Fault("late", Write, "x", FaultChange.Delay) { Past = 100 } });
        Assert.Equal([2], seen);
    }

    // What the body reads when its thread has written; the fault begins anew in each execution, of which there are two.
    private static HashSet<string> Seen(Fault fault)
    {
        var seen = new HashSet<string>();
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Plain<int>(0, "x");
                var y = new Plain<long>(0, "y");
                var name = new PlainRef<string>(null, "name");
                var other = new Plain<int>(0, "other");
                var otherName = new PlainRef<string>(null, "otherName");
                var cell = new Cell<int>(0, "cell");
                Execution.Run(
                    () =>
                    {
                        x.Write(1);
                        y.Write(2);
                        name.Write("mine");
                        cell.WriteOnce(1);
                    },
                    () => cell.WriteOnce(2));
                other.Write(77);
                otherName.Write("other");
                _ = other.Read();
                _ = otherName.Read();
                seen.Add($"{x.Read()} {y.Read()} {name.Read() ?? "null"}");
            },
            new ExplorationOptions { Fault = fault });
        Assert.Null(result.Violation);
        Assert.Equal(2, result.Executions);
        return seen;
    }

    private static Violation? Published(Fault? fault) => Explorer.Explore(
        () =>
        {
            var before = new Plain<int>(0, "before");
            var x = new Plain<int>(0, "x");
            var name = new PlainRef<string>(null, "name");
            var other = new Cell<int>(0, "other");
            var flag = new Cell<int>(0, "flag");
            Execution.Run(
                () =>
                {
                    before.Write(1);
                    other.WriteOnce(1);
                    x.Write(1);
                    name.Write("mine");
                    flag.StoreRelease(1);
                    other.WriteOnce(2);
                },
                () =>
                {
                    flag.AwaitEqual(1);
                    _ = before.Read();
                    _ = x.Read();
                    _ = name.Read();
                });
        },
        new ExplorationOptions { Fault = fault }).Violation;
}
