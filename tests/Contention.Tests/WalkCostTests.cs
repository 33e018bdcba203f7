namespace RcuModel.Contention.Tests;

/// <summary>What walks have to do in families of growing size: the numbers that follow from how the designs work.</summary>
public sealed class WalkCostTests
{
    private static readonly Lazy<IReadOnlyList<WalkCost>> s_costs =
        new(static () => WalkCostBench.Run(WalkCostSweep.All, [ContentionDesign.AnonVma, ContentionDesign.Bare], 10, static _ => { }));

    [Theory]
    [InlineData("width", 10, "of all", 11, 0, 0)]
    [InlineData("width", 10, "of the first", 1, 0, 0)]
    [InlineData("width", 10, "of the last", 1, 0, 0)]
    [InlineData("width", 10, "of two", 6, 4, 0)]
    [InlineData("depth", 10, "of all", 11, 0, 0)]
    [InlineData("exits", 10, "of all", 2, 0, 0)]
    [InlineData("exclusive", 0, "of all, on average", 111, 0, 0)]
    [InlineData("remaps", 10, "moved first", 11, 0, 110)]
    [InlineData("moved", 10, "moved last", 11, 0, 11)]
    [InlineData("moved", 10, "not moved", 11, 0, 0)]
    [InlineData("files", 10, "mapped last", 11, 0, 110)]
    [InlineData("files", 10, "mapped first", 11, 0, 110)]
    [InlineData("files-anon-offsets", 10, "mapped last", 11, 0, 0)]
    [InlineData("files-moved-anon-offsets", 10, "moved first", 11, 0, 11)]
    public void Contexts_and_offsets_are_counted(string sweep, int size, string folio, double contexts, double useless, double offsets)
    {
        WalkCost cost = Of(sweep, size, folio, ContentionDesign.Bare);
        Assert.Equal((contexts, useless, offsets), (cost.Contexts, cost.UselessContexts, cost.Offsets));
    }

    [Fact]
    public void Copies_with_an_index_of_their_own_need_fewer_ranges_and_lose_merges()
    {
        WalkCost today = Of("files", 10, "mapped last", ContentionDesign.Bare), own = Of("files-anon-offsets", 10, "mapped last", ContentionDesign.Bare);
        Assert.Equal((1, 0), (today.RangesPerProcess, own.RangesPerProcess));
        today = Of("files-moved", 10, "moved first", ContentionDesign.Bare);
        own = Of("files-moved-anon-offsets", 10, "moved first", ContentionDesign.Bare);
        Assert.Equal((10, 0, 20, 10), (today.VmasPerProcess, today.LostMerges, own.VmasPerProcess, own.LostMerges));
    }

    [Fact]
    public void A_context_whose_mm_is_gone_is_passed() =>
        Assert.Equal(9, Of("exits", 10, "of all", ContentionDesign.Bare).PassedContexts);

    [Theory]
    [InlineData("width", 10, "of all")]
    [InlineData("width", 10, "of two")]
    [InlineData("exits", 10, "of all")]
    [InlineData("remaps", 10, "moved first")]
    public void Both_designs_find_the_same_entries(string sweep, int size, string folio) => Assert.Equal(
        Of(sweep, size, folio, ContentionDesign.AnonVma).Found, Of(sweep, size, folio, ContentionDesign.Bare).Found);

    [Fact]
    public void Contexts_take_the_same_memory_however_deep_a_process_is_and_anon_vmas_ever_more()
    {
        Assert.Equal(96, Of("depth", 10, "of all", ContentionDesign.Bare).BytesPerProcess);
        Assert.True(
            Of("depth", 10, "of all", ContentionDesign.AnonVma).BytesPerProcess > 1.5 * Of("depth", 3, "of all", ContentionDesign.AnonVma).BytesPerProcess);
    }

    [Fact]
    public void A_page_and_a_table_have_all_of_it()
    {
        string page = BenchPage.Of(WalkCostDocument.Of(s_costs.Value));
        Assert.Contains("\"name\":\"remaps\"", page, StringComparison.Ordinal);
        Assert.Contains("uPlot (v1.6.32)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        using var table = new StringWriter();
        WalkCostTable.Write(s_costs.Value, table);
        Assert.All(WalkCostSweep.All, sweep => Assert.Contains($"{sweep.Name}: ", table.ToString(), StringComparison.Ordinal));
    }

    private static WalkCost Of(string sweep, int size, string folio, ContentionDesign design) =>
        s_costs.Value.Single(cost => cost.Sweep == sweep && cost.Size == size && cost.Folio == folio && cost.Design == design.Name);
}
