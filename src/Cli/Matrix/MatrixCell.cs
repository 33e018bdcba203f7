using System.Globalization;

namespace RcuModel.Cli.Matrix;

/// <summary>What came of one scenario with one alternative.</summary>
/// <param name="Alternative">The alternative.</param>
/// <param name="Scenario">The scenario.</param>
/// <param name="Verdict">The verdict, in the words of this project.</param>
/// <param name="Executions">How many executions were run.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="SecondsMax">How long it might have taken.</param>
/// <param name="Bound">Which bound ended it; null if none did.</param>
/// <param name="Rule">What was violated; null if nothing.</param>
/// <param name="Preemptions">How many preemptions its counterexample has; null if there is none.</param>
/// <param name="Trace">The file that holds it; null if there is none.</param>
internal sealed record MatrixCell(
    string Alternative, string Scenario, string Verdict, long Executions, double Seconds, double SecondsMax, string? Bound, string? Rule, int? Preemptions, string? Trace)
{
    /// <summary>The hazards that the scenario looks for, of which a violation is mostly one, such as H8 H9; null if nothing is violated.</summary>
    public string? Hazards { get; init; }

    /// <summary>What is known of a counterexample with few preemptions, where this one has many; null if it has not.</summary>
    public string? Fewer { get; init; }

    public const string Verified = "verified";

    public const string Clean = "no violation within the budget";

    public const string Violated = "violated";

    public const string NotApplicable = "not applicable";

    /// <summary>As it stands in a table.</summary>
    public string Short => Verdict switch
    {
        Verified => string.Create(CultureInfo.InvariantCulture, $"verified ({Executions:N0})"),
        Clean => string.Create(CultureInfo.InvariantCulture, $"no violation in {Executions:N0}"),
        Violated => Violated,
        _ => "n/a",
    };
}
