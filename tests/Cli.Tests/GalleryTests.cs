using System.Text;
using System.Text.RegularExpressions;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;

namespace RcuModel.Cli.Tests;

/// <summary>docs/gallery.md shows what the tool prints today.</summary>
/// <remarks>RCUMODEL_UPDATE_GALLERY=1 writes the page anew.</remarks>
public sealed partial class GalleryTests
{
    private const int Width = 78;

    private const string Introduction = """
        # Gallery

        A minimised counterexample of each kind of failure, as `rcumodel check NAME --width 78` prints it. The page is kept
        true by a test (`GalleryTests`), which makes it again and compares.

        How to read one: time goes downwards, each thread has a column, and each numbered line is one step. `x -> 0` is a load
        that saw 0, and from where: `(initial)`, or the step that stored it. `x = 1` is a store, `x: 0 -> 1` a
        read-modify-write. Lines without a number are no steps of the schedule: plain accesses, the end of an object, a label
        that is reached. `>` marks the last thing that the failing thread did. [traces.md](traces.md) has the details, and
        says how to keep a counterexample and run it again.

        """;

    // The kinds, each with what there is to see.
    private static readonly (string Name, int? Steps, string Text)[] s_pieces =
    [
        ("toyrcu(4)/reader enters unseen", null,
            "Found by `--strategy random`, where most of what happens has nothing to do with it. Three of four readers are left "
            + "out, and thirteen of fifteen context switches."),
        ("racy-counter", null,
            "Both threads load 0 before either stores. The sum is asserted by the body when both have ended."),
        ("plain-race", null,
            "Two plain writes, and nothing orders them. No interleaving is needed to see it, so there are no steps: the clocks "
            + "of the two accesses say so."),
        ("abba", null,
            "Each thread holds what the other one waits for. The list of locks at the end says since when."),
        ("lost-wakeup", null,
            "The waiter sees that it must wait, and before it does, the signal comes and is taken back."),
        ("ticket-2/torn ticket", null,
            "A seeded fault tears the read-modify-write that draws a ticket, so that both threads draw number 0. The first one "
            + "unlocks, and nobody ever calls the second one's number again."),
        ("livelock", 6,
            "Neither thread is stuck and neither gets anywhere. Run with `--steps 6`, so that six steps and as many turns of "
            + "everybody are enough for a verdict; usually it is 10,000."),
        ("mcs-node/torn departure", null,
            "The holder of a queue lock finds nobody behind it and is about to leave, while another thread joins the queue and "
            + "then links itself to the holder's node, which is gone by then."),
        ("double-free", null,
            "The frees are no steps: which comes first does not matter to anybody else."),
        ("leak", null,
            "Both threads see two users, so neither believes that it is the last. A leak exists only when everything has "
            + "ended, so the execution is complete."),
        ("mcs-2/successor not awaited", null,
            "Unlock does not wait until the thread behind it has linked itself, and follows a null reference."),
        ("lockers(2,3)/no lock", null,
            "The fault takes the acquire away, so the release is the first that the explorer hears of the lock."),
    ];

    [Fact]
    public void The_gallery_shows_what_is_printed_today()
    {
        string page = Path.Combine(OutputTests.Repository(), "docs", "gallery.md");
        string drawn = Draw(out HashSet<ViolationKind> kinds);
        Assert.True(kinds.Count >= 10, string.Join(", ", kinds));
        if (Environment.GetEnvironmentVariable("RCUMODEL_UPDATE_GALLERY") == "1")
            File.WriteAllText(page, drawn);
        Assert.True(
            Comparable(File.ReadAllText(page)) == Comparable(drawn),
            $"docs/gallery.md is out of date; RCUMODEL_UPDATE_GALLERY=1 dotnet test tests/Cli.Tests writes it anew\n{drawn}");
    }

    private static string Draw(out HashSet<ViolationKind> kinds)
    {
        kinds = [];
        var text = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        foreach ((string name, int? steps, string what) in s_pieces)
        {
            StrategyKind strategy = what.Contains("--strategy random", StringComparison.Ordinal) ? StrategyKind.Random : StrategyKind.Dpor;
            Item item = Selection.BuiltIn.Resolve([name], Selection.BuiltIn.Usual)[0];
            var options = new CheckOptions
            {
                Strategy = strategy,
                FaultStrategies = [strategy],
                Exploration = new ExplorationOptions { StepsMax = steps ?? new ExplorationOptions().StepsMax },
            };
            Violation violation = Checker.Check(item, options, static _ => { }).Result.Violation!;
            kinds.Add(violation.Kind);
            string drawing = violation.Draw(Width);
            Assert.All(drawing.Split('\n'), static line => Assert.True(line.Length <= Width, line));
            text.Append("\n## ").Append(violation.Kind).Append(": ").Append(name).Append("\n\n")
                .Append(Wrapped(what)).Append("\n\n```\n")
                .Append(drawing).Append("```\n");
        }

        return text.ToString();
    }

    internal static string Wrapped(string prose)
    {
        var text = new StringBuilder();
        int column = 0;
        foreach (string word in prose.Split(' '))
        {
            bool fits = column + word.Length < 118;
            text.Append(column == 0 ? "" : fits ? " " : "\n").Append(word);
            column = fits ? column + word.Length + 1 : word.Length;
        }

        return text.ToString();
    }

    // Source lines move with every edit of a scenario, and the length of a rule with them.
    internal static string Comparable(string page) => Rule().Replace(SourceLine().Replace(page.ReplaceLineEndings("\n"), ".cs"), "---");

    [GeneratedRegex(@"\.cs:\d+")]
    private static partial Regex SourceLine();

    [GeneratedRegex("^[-=]{10,}$", RegexOptions.Multiline)]
    private static partial Regex Rule();
}
