namespace RcuModel.Exploration;

/// <summary>How far an exploration is.</summary>
/// <param name="Executions">Executions run.</param>
/// <param name="Elapsed">Time since the start.</param>
/// <param name="Pending">Branches known to be left; each may bring more.</param>
public readonly record struct ExplorationProgress(long Executions, TimeSpan Elapsed, long Pending);
