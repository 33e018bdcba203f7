namespace RcuModel.Contention.Tests;

/// <summary>Pages draw what they say that they draw, in a browser.</summary>
public sealed class PageTests
{
    private static readonly ContentionOptions s_options = new() { Width = 2, Depth = 1, Pages = 32, Duration = TimeSpan.FromSeconds(0.05), Rounds = 1 };

    private static readonly Workload s_workload = Workload.All.First(static one => one.Name == "fork-storm");

    [BrowserFact]
    public void A_run_has_plots_of_the_CPU_time_and_two_of_each_kind()
    {
        IReadOnlyList<WorkloadFigures> results = ContentionBench.Run([s_workload], [], s_options, static _ => { });
        Assert.Equal(1 + (2 * s_workload.Kinds.Count), Plots(BenchPage.Of(BenchDocument.Of(results, s_options))));
    }

    [BrowserFact]
    public void A_sweep_has_plots_of_CPU_time_and_memory_and_two_of_each_kind()
    {
        SweepOver depth = SweepOver.All.First(static one => one.Name == "depth");
        IReadOnlyList<SweepPoint> points = SweepBench.Run(depth, [1, 2], [s_workload], [], s_options, static _ => { });
        Assert.Equal(2 + (2 * s_workload.Kinds.Count), Plots(BenchPage.Of(SweepDocument.Of(depth, points, s_options))));
    }

    [BrowserFact]
    public void Walk_costs_have_three_plots_for_each_sweep()
    {
        IReadOnlyList<WalkCost> costs = WalkCostBench.Run(WalkCostSweep.All, [ContentionDesign.AnonVma], 10, static _ => { });
        Assert.Equal(3 * WalkCostSweep.All.Count, Plots(BenchPage.Of(WalkCostDocument.Of(costs))));
    }

    [BrowserFact]
    public void A_script_that_fails_is_seen()
    {
        IReadOnlyList<WorkloadFigures> results = ContentionBench.Run([s_workload], [], s_options, static _ => { });
        string page = BenchPage.Of(BenchDocument.Of(results, s_options)).Replace("new uPlot(", "new nothing(", StringComparison.Ordinal);
        Assert.Contains("nothing is not defined", Browser.Show(page).Log, StringComparison.Ordinal);
    }

    private static int Plots(string page)
    {
        (string shown, string log) = Browser.Show(page);
        Assert.DoesNotContain("Uncaught", log, StringComparison.Ordinal);
        return shown.Split("<canvas").Length - 1;
    }
}
