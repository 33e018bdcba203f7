namespace RcuModel.Contention.Tests;

/// <summary>Each workload runs with each design that is safe under it, and leaves everything agreed.</summary>
public sealed class WorkloadTests
{
    // Those that lose a migration entry: docs/verdicts.md has a counterexample for each, and real threads come to it now and then.
    private static readonly string[] s_unsafe =
        ["cow-typesafe", "cow-migration-pairs", "cow-walker-count", "cow-vma-lock", "cow-address-range", "cow-notify-outside", "cow-srcu"];

    private static readonly ContentionOptions s_options = new() { Width = 2, Depth = 2, Pages = 32, Duration = TimeSpan.FromSeconds(0.1), Rounds = 1 };

    public static TheoryData<string> Workloads() => [.. Workload.All.Select(static workload => workload.Name)];

    [Theory]
    [MemberData(nameof(Workloads))]
    public void A_run_ends_and_leaves_everything_agreed(string name)
    {
        Workload workload = Workload.All.First(one => one.Name == name);
        ContentionDesign[] designs = [.. ContentionDesign.Usual.Where(static design => !s_unsafe.Contains(design.Name))];
        WorkloadFigures result = Assert.Single(ContentionBench.Run([workload], designs, s_options, static _ => { }));
        Assert.Equal(designs.Length, result.Designs.Count);
        foreach (DesignFigures design in result.Designs)
        {
            // A run that does not leave everything agreed is broken: MmOracle has been asked.
            Assert.True(design.Broken is null, $"{design.Design}: {design.Broken}");
            Assert.True(design.ModelledBytes > 0);
        }

        // One design alone may not come to each of them in so short a time.
        Assert.All(
            workload.Kinds,
            kind => Assert.True(result.Designs.Sum(design => design.Tally.Of(kind).Count) > 0, $"nobody did anything of the kind {kind}"));
    }

    [Fact]
    public void A_design_that_keeps_nothing_still_may_break_and_is_told_of()
    {
        ContentionDesign none = ContentionDesign.All.Except(ContentionDesign.Usual).Single();
        WorkloadFigures result = Assert.Single(
            ContentionBench.Run([Workload.All.First(static one => one.Name == "fork-storm")], [none], s_options, static _ => { }));

        // Nobody walks while forks storm, so here it has to be whole.
        Assert.Equal(["anon-vma", none.Name], result.Designs.Select(static design => design.Design.Name));
        Assert.Null(result.Designs[1].Broken);
    }

    [Fact]
    public void A_page_has_the_figures_and_the_library_in_it()
    {
        IReadOnlyList<WorkloadFigures> results =
            ContentionBench.Run([Workload.All[0]], [], s_options with { Duration = TimeSpan.FromSeconds(0.05) }, static _ => { });
        string page = BenchPage.Of(BenchDocument.Of(results, s_options));
        Assert.Contains("uPlot (v1.6.32)", page, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"fork-storm\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);
    }
}
