using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Traces;

/// <summary>Executions with store buffers are kept and replayed like any other.</summary>
public sealed class TsoTraceTests
{
    private static readonly ExplorationOptions s_tso = new() { Memory = MemoryModel.Tso };

    // Both threads miss the other's store: only with store buffers.
    private static void StoreBuffering()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        var seen = new Cell<int>[] { new(0, "r0"), new(0, "r1") };
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                seen[0].WriteOnce(y.ReadOnce());
            },
            () =>
            {
                y.WriteOnce(1);
                seen[1].WriteOnce(x.ReadOnce());
            });
        Execution.Assert(seen[0].ReadOnce() + seen[1].ReadOnce() > 0, "somebody sees a store");
    }

    [Fact]
    public void A_trace_with_store_buffers_is_replayed_from_its_file()
    {
        Assert.Equal(Verdict.Verified, Explorer.Explore(StoreBuffering).Verdict);
        ExplorationResult result = Explorer.Explore(StoreBuffering, s_tso);
        ExecutionTrace trace = ExecutionTrace.Parse(result.Violation!.Trace!.ToJson());
        Assert.Equal("tso", trace.MemoryModel);
        Assert.Contains(trace.Steps, static step => step is { IsBuffer: true, Kind: OperationKind.Drain });
        ReplayResult replay = Explorer.Replay(StoreBuffering, trace);
        Assert.Equal(ReplayOutcome.Reproduced, replay.Outcome);
        Assert.Contains("reaches memory", replay.Violation!.Report, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_strategy_gives_a_trace_that_can_be_replayed()
    {
        foreach (StrategyKind strategy in Enum.GetValues<StrategyKind>())
        {
            ExplorationResult result = Explorer.Explore(StoreBuffering, s_tso with { Strategy = strategy });
            Assert.Equal(Verdict.Violated, result.Verdict);
            Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(StoreBuffering, result.Violation!.Trace!).Outcome);
        }
    }

    [Fact]
    public void A_step_of_a_buffer_under_sc_is_damage()
    {
        string json = Explorer.Explore(StoreBuffering, s_tso).Violation!.Trace!.ToJson().Replace("\"tso\"", "\"sc\"", StringComparison.Ordinal);
        TraceFormatException refusal = Assert.Throws<TraceFormatException>(() => ExecutionTrace.Parse(json));
        Assert.Contains("is of a store buffer", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_store_buffers_do_on_real_threads_is_explained_with_them()
    {
        StressResult result = StressTest.Run(StoreBuffering, new StressOptions { TimeMax = TimeSpan.FromSeconds(3) });
        if (result.Failure is null)
            return;
        Assert.Equal(StressSearch.StoreBuffers, result.Explanation!.FoundBy);
        Assert.True(result.Explanation.IsTheFailure, $"{result.Failure}: {result.Explanation}");
    }
}
