using System.Text;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Tests;

/// <summary>
/// docs/counterexamples has a trace for each way in which the proposal goes wrong without a stabilisation, or with a defect of its first code:
/// each is reproduced, and docs/cow-context-gallery.md shows them.
/// </summary>
/// <remarks>RCUMODEL_UPDATE_TRACES=1 looks for them anew, and writes the traces and the page.</remarks>
public sealed class CowCounterexampleTests
{
    private const int Width = 72;

    private const string Introduction = """
        # Gallery of hazards

        What goes wrong with CoW contexts when nothing is stabilised, or with a defect of the proposal's first code, as the explorer found it and
        made it small. The traces are in [counterexamples](counterexamples); each can be run again, and drawn for a page of any width:

            rcumodel replay docs/counterexamples/cow-h1-none.json --width 72

        Names are those of the hazards in [cow-context.md](cow-context.md), which says how often each was looked for and what holds instead. Of an
        execution the drawing has what its threads do to places that both touch; numbers are those of the steps, and what is missing between
        them is in the file. [traces.md](traces.md#reading-the-drawing) says how to read it. A test (`CowCounterexampleTests`) replays each
        trace and compares this page; `RCUMODEL_UPDATE_TRACES=1` has it look for all of them anew.

        """;

    private static readonly (string Scenario, string Text)[] s_shown =
    [
        ("cow-h1-none",
            "mremap moves the page home: it has taken the entry out of its old place, and not put it at the new one yet. The walk, which looks at an "
            + "entry before it waits for the lock of its table, finds nothing at either. A folio that is mapped throughout is missed; a migration fails "
            + "then, which is tolerable."),
        ("cow-h2-none",
            "The same while migration entries are put back: one is on its way, the walk finds it at neither place, and it stays there when its folio "
            + "is unlocked and freed. This is the miss that cannot be tolerated."),
        ("cow-h3-none",
            "The child's context is published before its pages are copied, so that no copy is missed. But then a walk comes to the child while its "
            + "tree of VMAs, which nobody was to know yet, is changed in place."),
        ("cow-h3-late-none",
            "It is published when all is copied, as in the first code: a migration that walks between the copying and the publishing leaves its "
            + "entry in the child."),
        ("cow-h4-none",
            "Below the folio's own context, children are visited before their parents, as in the first code: a child whose children have been passed "
            + "forks again, and the copy is of an entry that the walk has not come to."),
        ("cow-h5-none",
            "The walk has found nothing at offset 0 of the parent, and the folio was mapped once before and is mapped once after: by now by the child."),
        ("cow-h6-none",
            "munmap frees the page table that the walk is about to lock."),
        ("cow-h7-none",
            "The VMA that the walk has found is freed, and becomes one of a process that has nothing to do with the folio: its memory is typesafe, so "
            + "nothing crashes, and the walk visits a stranger."),
        ("cow-h8-none",
            "The walk has read the pointer to the mm; the mm exits and its memory is freed; the walk looks whether it may become a user of it. In the "
            + "first code nothing keeps that memory, not even for readers of RCU."),
        ("cow-h9-none",
            "An mm has no user any more, so the walk that restores migration entries passes it over; then the exit comes to such an entry, whose folio "
            + "is unlocked already."),
        ("cow-h11-none",
            "A split stores a VMA's start and offset one after the other. The walk reads the one before and the other after that, so the VMA seems to "
            + "lie elsewhere."),
        ("cow-h24-none",
            "A walk is made longer by a fork that began when it was under way: the more children are made, the longer it takes."),
        ("cow-h28-none",
            "A collapse has taken the page table out of its place to look at its pages, and the walk that puts migration entries back finds no table. The "
            + "collapse gives up, and puts the table back with the entry in it."),
        ("cow-h36-none",
            "H2 with a whole page table: mremap hooks it in at another place, and the walk that puts migration entries back looks at each when it is "
            + "at the other."),
        ("cow-h25-none",
            "A walk, a reader of RCU, tells a device that shares the memory, which may sleep. No interleaving is needed."),
    ];

    private static readonly string[] s_kept =
    [
        .. s_shown.Select(static one => one.Scenario), "cow-h10-none", "cow-h13-none", "cow-h14-none", "cow-h15-none", "cow-h16-none", "cow-h17-none", "cow-h19-none", "cow-h19-file-none",
        "cow-h21-none", "cow-h23-asleep-none", "cow-h27-none", "cow-h3-optimistic-open",
        "cow-h32-exit-none", "cow-h32-fork-none", "cow-h32-in-mm-none", "cow-h32-unmap-none",
        "cow-h43-none", "cow-sleep-in-spinlock", "cow-two-words", "cow-wait-in-reader",
    ];

    private static string Folder => Path.Combine(OutputTests.Repository(), "docs", "counterexamples");

    private static bool Updates => Environment.GetEnvironmentVariable("RCUMODEL_UPDATE_TRACES") == "1";

    public static TheoryData<string> Kept() => [.. s_kept];

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_trace_is_reproduced(string scenario)
    {
        if (Updates)
            return;
        ReplayResult result = Replay(scenario);
        Assert.True(
            result.Outcome == ReplayOutcome.Reproduced,
            $"{scenario}: {result.Message}; RCUMODEL_UPDATE_TRACES=1 dotnet test tests/Cli.Tests --filter {nameof(CowCounterexampleTests)} looks for it anew");
    }

    [Fact]
    public void Each_scenario_of_contexts_that_must_fail_has_a_trace_and_nothing_else_has()
    {
        string[] failing = [.. Catalogue.All.Where(static one => one.MustFail && one.Name.StartsWith("cow-", StringComparison.Ordinal)).Select(static one => one.Name)];
        Assert.Equal(failing.Order(StringComparer.Ordinal), s_kept.Order(StringComparer.Ordinal));
        if (!Updates)
            Assert.Equal(s_kept.Order(StringComparer.Ordinal), Directory.GetFiles(Folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_shows_them()
    {
        string page = Path.Combine(OutputTests.Repository(), "docs", "cow-context-gallery.md");
        if (Updates)
            Update();
        string drawn = Draw();
        if (Updates)
            File.WriteAllText(page, drawn);
        Assert.True(
            GalleryTests.Comparable(File.ReadAllText(page)) == GalleryTests.Comparable(drawn),
            $"docs/cow-context-gallery.md is out of date; RCUMODEL_UPDATE_TRACES=1 dotnet test tests/Cli.Tests writes it anew\n{drawn}");
    }

    private static void Update()
    {
        Directory.CreateDirectory(Folder);
        foreach (string file in Directory.GetFiles(Folder, "*.json"))
            File.Delete(file);
        foreach (string scenario in s_kept)
        {
            Item item = Selection.BuiltIn.Resolve([scenario], Selection.BuiltIn.Usual)[0];
            var options = new CheckOptions { Strategy = StrategyKind.Dpor, FaultStrategies = [StrategyKind.Dpor], Exploration = new ExplorationOptions() };
            Checker.Check(item, options, static _ => { }).Result.Violation!.Trace!.Save(FileOf(scenario));
        }
    }

    private static string Draw()
    {
        var text = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        foreach ((string scenario, string what) in s_shown)
        {
            string drawing = Replay(scenario).Violation!.Draw(Width);
            Assert.All(drawing.Split('\n'), static line => Assert.True(line.Length <= Width, line));
            text.Append("\n## ").Append(scenario).Append(": ").Append(Catalogue.Find(scenario)!.Summary).Append("\n\n")
                .Append(GalleryTests.Wrapped(what)).Append("\n\n```\n").Append(drawing).Append("```\n");
        }

        return text.ToString();
    }

    private static ReplayResult Replay(string scenario) =>
        Explorer.Replay(Catalogue.Find(scenario)!.Body, ExecutionTrace.Load(FileOf(scenario)));

    private static string FileOf(string scenario) => Path.Combine(Folder, $"{scenario}.json");
}
