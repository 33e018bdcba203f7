using System.Globalization;
using RcuModel.Cli.Selecting;

namespace RcuModel.Cli.Checking;

/// <summary>What came of everything together.</summary>
/// <param name="Findings">What was checked.</param>
/// <param name="NotRun">What was not, because somebody pressed Ctrl-C.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record Summary(IReadOnlyList<Finding> Findings, IReadOnlyList<Item> NotRun, TimeSpan Elapsed)
{
    /// <summary>How many traces were written.</summary>
    public int Traces { get; init; }

    /// <summary>Where to.</summary>
    public string TracesFolder { get; init; } = "";

    /// <summary>A violation outweighs an open question, and that outweighs everything that holds.</summary>
    public Outcome Outcome
    {
        get
        {
            Outcome worst = Findings.Count == 0 ? Outcome.Holds : Findings.Max(static finding => finding.Outcome);
            return NotRun.Count > 0 && worst == Outcome.Holds ? Outcome.Open : worst;
        }
    }

    public int ExitCode => CodeOf(Outcome);

    /// <summary>What the exit code says of an outcome.</summary>
    public static int CodeOf(Outcome outcome) => outcome switch
    {
        Outcome.Holds => ExitCodes.Holds,
        Outcome.Violated => ExitCodes.Violated,
        _ => ExitCodes.Budget,
    };

    /// <summary>One line.</summary>
    public override string ToString()
    {
        string seconds = string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds:0.0} s");
        string head = Outcome switch
        {
            Outcome.Holds => $"everything holds: {Counted(Findings.Select(static f => f.Item))}",
            Outcome.Violated => $"not as claimed: {Named(Outcome.Violated)}; checked {Counted(Findings.Select(static f => f.Item))}",
            _ when Findings.Any(static f => f.Outcome == Outcome.Open) =>
                $"open: {Named(Outcome.Open)}; checked {Counted(Findings.Select(static f => f.Item))}",
            _ => $"nothing violated so far: {Counted(Findings.Select(static f => f.Item))}",
        };
        return NotRun.Count == 0 ? $"{head}, in {seconds}" : $"{head}, in {seconds}; not begun: {Counted(NotRun)}";
    }

    /// <summary>Where the traces are, in one line; empty if there are none.</summary>
    public string AboutTraces() => Traces == 0
        ? ""
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Traces} trace{(Traces == 1 ? "" : "s")} written to {TracesFolder}; \"{Tool.Name} replay FILE\" runs one again");

    private string Named(Outcome outcome) =>
        string.Join(", ", Findings.Where(finding => finding.Outcome == outcome).Select(static finding => finding.Item.Name));

    private static string Counted(IEnumerable<Item> items)
    {
        int scenarios = items.Count(static item => item.Fault is null);
        int faults = items.Count(static item => item.Fault is not null);
        string s = string.Create(CultureInfo.InvariantCulture, $"{scenarios} scenario{(scenarios == 1 ? "" : "s")}");
        string f = string.Create(CultureInfo.InvariantCulture, $"{faults} seeded fault{(faults == 1 ? "" : "s")}");
        return faults == 0 ? s : scenarios == 0 ? f : $"{s} and {f}";
    }
}
