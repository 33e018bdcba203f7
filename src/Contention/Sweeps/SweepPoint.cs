namespace RcuModel.Contention;

/// <summary>What was measured at one value of what grows.</summary>
/// <param name="Value">The value.</param>
/// <param name="Results">Each workload.</param>
public sealed record SweepPoint(int Value, IReadOnlyList<WorkloadFigures> Results);
