using System.Text.Json;
using RcuModel.Primitives;

namespace RcuModel.Contention.Tests;

/// <summary>What is measured beside operations: locks, slices, sharing, and how all that grows.</summary>
public sealed class MeasuringTests
{
    private static readonly ContentionOptions s_options =
        new() { Width = 2, Depth = 2, Pages = 32, Duration = TimeSpan.FromSeconds(0.1), Rounds = 1, KeepsSlices = true };

    private static readonly ContentionDesign s_indexRange = ContentionDesign.All.First(static design => design.Name == "cow-index-range");

    [Fact]
    public void Locks_of_every_kind_have_quantiles_of_waits_and_holds()
    {
        WorkloadFigures result = Assert.Single(ContentionBench.Run([Named("container-host")], [s_indexRange], s_options, static _ => { }));
        IReadOnlyList<LockStatRow> locks = result.Designs[1].LocksOfLastRound;
        foreach (string name in (string[])["mmap_lock", "ptl", "folio_lock", "vma_lock", "cow_context->ranges"])
        {
            LockStatRow row = locks.First(row => row.Name == name);
            Assert.True(row.Acquisitions > 0);
            Assert.InRange(row.Hold.P50, 0, row.Hold.P90);
            Assert.InRange(row.Hold.P99, row.Hold.P90, row.Hold.Max);
            Assert.InRange(row.Contentions, 0, row.Acquisitions);
        }
    }

    [Fact]
    public void A_trace_has_a_track_for_each_thread_with_slices_that_lie_within_each_other()
    {
        IReadOnlyList<WorkloadFigures> results = ContentionBench.Run([Named("reclaim")], [s_indexRange], s_options, static _ => { });
        using var file = new MemoryStream();
        (int buffers, int full) = PerfettoTrace.Write(results, file);
        Assert.Equal(2 * 2 * s_options.Threads, buffers);
        using JsonDocument trace = JsonDocument.Parse(file.ToArray());
        JsonElement[] events = [.. trace.RootElement.GetProperty("traceEvents").EnumerateArray()];
        string[] Names(string kind) =>
            [.. events.Where(one => one.GetProperty("name").GetString() == kind).Select(static one => one.GetProperty("args").GetProperty("name").GetString()!)];
        Assert.Equal(["reclaim: anon-vma", "reclaim: cow-index-range"], Names("process_name"));
        Assert.Equal(2, Names("thread_name").Count(static name => name == "thread 1"));
        Assert.Equal(full, events.Count(static one => one.GetProperty("ph").GetString() == "i"));
        JsonElement[] slices = [.. events.Where(static one => one.GetProperty("ph").GetString() == "X")];
        string[] categories = [.. slices.Select(static one => one.GetProperty("cat").GetString()!).Distinct()];
        Assert.Contains("operation", categories);
        Assert.Contains("lock", categories);
        foreach (var track in slices.GroupBy(static one => (one.GetProperty("pid").GetInt32(), one.GetProperty("tid").GetInt32())))
        {
            // Times are doubles of microseconds; the clock ticks in nanoseconds.
            var ends = new Stack<double>();
            foreach (JsonElement slice in track)
            {
                double begin = slice.GetProperty("ts").GetDouble();
                double end = begin + slice.GetProperty("dur").GetDouble();
                while (ends.TryPeek(out double before) && before <= begin + 1e-4)
                    ends.Pop();
                Assert.True(!ends.TryPeek(out double outer) || outer >= end - 1e-4, "a slice reaches beyond the one that it lies in");
                ends.Push(end);
            }
        }
    }

    [Fact]
    public void What_a_thread_counts_and_keeps_is_allocated_before_it_starts()
    {
        using var tree = new ProcessTree(ContentionDesign.AnonVma, s_options, static depth => depth < 1 ? 2 : 0);
        var worker = new Worker(tree, 0, 1) { Slices = new ThreadSlices() };
        var rwsem = new Rwsem("measured");
        LockStat.Keep(worker.Slices.Locks);
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            // In the first round code is compiled, and classes and lines of source are seen for the first time.
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                rwsem.DownWrite();
                rwsem.UpWrite();
                rwsem.DownRead();
                rwsem.UpRead();
                _ = worker.Any();
                _ = worker.OwnPage(worker.AnyPage());
                _ = worker.Read(worker.Own, worker.OwnPage(0));
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        LockStat.Keep(null);
        Assert.Equal(0, allocated);
        Assert.Equal(200, worker.Slices.Operations.All.Length);
        Assert.True(worker.Slices.Locks.All.Length >= 400);
    }

    [Fact]
    public void A_buffer_keeps_the_first_and_counts_the_rest()
    {
        var slices = new SliceBuffer<int>(2);
        for (int i = 0; i < 5; i++)
            slices.Add(i);
        Assert.Equal([0, 1], slices.All.ToArray());
        Assert.Equal(3, slices.Lost);
    }

    [Fact]
    public void Sharing_is_that_of_the_tree_as_it_is()
    {
        using var tree = new ProcessTree(ContentionDesign.AnonVma, s_options with { Exclusive = 25 }, static depth => depth < 2 ? 2 : 0);
        var before = Sharing.Of(tree);
        Assert.Equal(0.25, before.Exclusive, 3);
        Assert.Equal(1, before.ByAllChildren, 3);

        // One leaf copies all: what the others share, not all children of its parent map any more.
        var worker = new Worker(tree, 0, 1);
        for (int page = 0; page < s_options.Pages; page++)
            worker.Write(worker.Own, worker.OwnPage(page), page);
        var after = Sharing.Of(tree);
        Assert.True(after.Exclusive > before.Exclusive);
        Assert.Equal(1, after.ByAllChildren, 3);
        var sibling = new Worker(tree, 2, 1);
        for (int page = 0; page < s_options.Pages; page++)
            sibling.Write(tree.All[1], tree.PageOf(page), page);
        Assert.Equal(0, Sharing.Of(tree).ByAllChildren, 3);
    }

    [Fact]
    public void Large_folios_are_as_many_as_asked_for_and_are_shared_page_by_page()
    {
        using var tree = new ProcessTree(ContentionDesign.AnonVma, s_options with { Large = 50, Exclusive = 0 }, static depth => depth < 2 ? 2 : 0);
        int[] large = [.. Enumerable.Range(0, s_options.Vmas).Where(vma => tree.All[^1].EntryOf(tree.StartOf(vma))!.Folio!.IsLarge)];
        Assert.Equal([1, 3, 5, 7], large);
        Assert.Equal(new Sharing(0, 1), Sharing.Of(tree));
        tree.Check();
    }

    [Fact]
    public void The_kernels_document_can_be_read_and_stands_beside_the_model()
    {
        const string Document = """
            {"kernel":"6.18.0","workload":"fork-storm","seconds":0.5,"processes":21,"entries":1344,"exclusive":672,
             "operations":[{"kind":"fork","count":500,"perSecond":1000.0,"time":{"p50":290.8,"p90":811,"p99":1490,"p999":1491,"max":1491}}],
             "lost":0,"waits":[{"what":"rwsem W","where":"anon_vma_clone","calledBy":"anon_vma_fork","count":2,"total":8.0,
             "wait":{"p50":3,"p90":5,"p99":5,"p999":5,"max":5}},{"what":"rwsem W","where":"dup_mmap","calledBy":"","count":1,"total":1.0,
             "wait":{"p50":1,"p90":1,"p99":1,"p999":1,"max":1}}]}
            """;
        KernelFigures kernel = JsonSerializer.Deserialize<KernelFigures>(Document, JsonSerializerOptions.Web)!;
        Assert.Equal([true, false], kernel.Waits.Select(static place => place.IsReverseMap));
        WorkloadFigures model = Assert.Single(ContentionBench.Run(
            [Named("fork-storm")], [], s_options with { Duration = TimeSpan.FromSeconds(0.02), KeepsSlices = false }, static _ => { }));
        using var text = new StringWriter();
        KernelTable.Write(kernel, model, text);
        string[] lines = text.ToString().Split('\n');
        Assert.Contains(lines, static line => line.Contains("waits for the reverse map's locks, of 1,000 operations", StringComparison.Ordinal) && line.Contains(" 4.00", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("anon_vma_clone, from anon_vma_fork", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sweep_measures_at_each_value_and_has_a_page()
    {
        SweepOver depth = SweepOver.All.First(static over => over.Name == "depth");
        ContentionOptions options = s_options with { Duration = TimeSpan.FromSeconds(0.02), KeepsSlices = false };
        IReadOnlyList<SweepPoint> points = SweepBench.Run(depth, [1, 2], [Named("fork-storm")], [s_indexRange], options, static _ => { });
        Assert.Equal([1, 2], points.Select(static point => point.Value));
        Assert.True(points[1].Results[0].Designs[0].ModelledBytes > points[0].Results[0].Designs[0].ModelledBytes);
        using var text = new StringWriter();
        SweepTable.Write(depth, points, text);
        Assert.Contains("forks a second, times its own at depth 1", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"over\":\"depth\"", BenchPage.Of(SweepDocument.Of(depth, points, options)), StringComparison.Ordinal);
    }

    private static Workload Named(string name) => Workload.All.First(one => one.Name == name);
}
