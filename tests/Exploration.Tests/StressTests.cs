using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>What fails on real threads gets an interleaving from the explorer, or the answer that there is none.</summary>
public sealed class StressTests
{
    private static readonly StressOptions s_patient = new() { TimeMax = TimeSpan.FromSeconds(60) };

    [Fact]
    public void A_lost_update_is_found_and_explained()
    {
        StressResult result = StressTest.Run(
            static () =>
            {
                var counter = new Cell<int>(0, "counter");
                Action add = () => counter.WriteOnce(counter.ReadOnce() + 1);
                Execution.Run(add, add);
                Execution.Assert(counter.ReadOnce() == 2, "no increment is lost");
            },
            s_patient);
        Assert.Equal(new StressFailure(ViolationKind.AssertionFailed, "no increment is lost", "main"), result.Failure);
        Assert.True(result.Explanation!.IsTheFailure);
        Assert.Contains("no increment is lost", result.Explanation.Violation!.Report, StringComparison.Ordinal);
        Assert.NotNull(result.Explanation.Violation.Trace);
    }

    [Fact]
    public void A_deadlock_is_a_standstill_and_the_explorer_knows_the_ring()
    {
        StressResult result = StressTest.Run(
            static () =>
            {
                var a = new SpecLock("a", watched: false);
                var b = new SpecLock("b", watched: false);
                Execution.Run(() => Both(a, b), () => Both(b, a));
            },
            s_patient);
        Assert.Equal(ViolationKind.Deadlock, result.Failure!.Kind);
        Assert.Equal(ViolationKind.Deadlock, result.Explanation!.Violation!.Kind);

        static void Both(SpecLock first, SpecLock second)
        {
            first.Acquire();
            second.Acquire();
            second.Release();
            first.Release();
        }
    }

    [Fact]
    public void An_early_free_is_explained_although_the_run_only_saw_the_access()
    {
        StressResult result = StressTest.Run(
            static () =>
            {
                var node = new Node();
                Execution.Run(() => node.Value.WriteOnce(1), () => node.Free());
            },
            s_patient);
        Assert.Equal(ViolationKind.UseAfterFree, result.Failure!.Kind);
        Assert.True(result.Explanation!.IsTheFailure);
    }

    [Fact]
    public void What_the_explorer_cannot_see_has_no_interleaving()
    {
        int runs = 0;
        StressResult result = StressTest.Run(
            () =>
            {
                var cell = new Cell<int>(0, "cell");
                int run = Interlocked.Increment(ref runs);
                Execution.Run(() => cell.FetchAdd(1), () => cell.FetchAdd(1));
                Execution.Assert(run != 1000, "the thousandth time is one too many");
            },
            s_patient);
        Assert.Equal(1000, result.Runs);
        Assert.Null(result.Explanation!.Violation);
        Assert.True(result.Explanation.IsExhausted);
        Assert.Contains("no interleaving of the explorer does that", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_holds_does_not_fail()
    {
        StressResult result = StressTest.Run(
            static () =>
            {
                var gate = new TicketSpinlock("gate");
                var count = new Plain<int>(0, "count");
                var worker = new Cell<int>(0, "work");
                Execution.StartBackground("worker", () => worker.AwaitNotEqual(0));
                Action body = () =>
                {
                    gate.Lock();
                    count.Write(count.Read() + 1);
                    gate.Unlock();
                };
                Execution.Run(body, body, body);
                Execution.Assert(count.Read() == 3);
            },
            new StressOptions { RunsMax = 2000, TimeMax = TimeSpan.FromSeconds(20) });
        Assert.Null(result.Failure);
    }

    private sealed class Node : SharedObject
    {
        public Cell<int> Value;

        public Node() => Value = new Cell<int>(this, 0, "value");
    }
}
