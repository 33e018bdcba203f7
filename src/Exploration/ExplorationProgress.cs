namespace RcuModel.Exploration;

/// <summary>How far an exploration is.</summary>
/// <param name="Executions">Executions run.</param>
/// <param name="Elapsed">Time since the start, that of an exploration which goes on here included.</param>
/// <param name="Deepest">The most steps that an execution had.</param>
/// <param name="Pending">Branches known to be left; each may bring more.</param>
/// <param name="Total">How many executions there will be; null if nothing is known of it.</param>
public readonly record struct ExplorationProgress(
    long Executions, TimeSpan Elapsed, int Deepest, long Pending, ExplorationEstimate? Total);
