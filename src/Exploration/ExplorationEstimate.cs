namespace RcuModel.Exploration;

/// <summary>An estimate of the executions of a whole exploration.</summary>
/// <remarks>
/// A reduction learns of branches while it runs, so an estimate can be far off at the beginning and mostly grows. How far
/// it is to be trusted shows in how much it has moved: the range is that of all estimates of the last half of the time.
/// </remarks>
/// <param name="Executions">The estimate; exact if nothing but a limit on executions ends the exploration.</param>
/// <param name="Low">The lowest of the recent estimates.</param>
/// <param name="High">The highest of the recent estimates.</param>
public readonly record struct ExplorationEstimate(double Executions, double Low, double High);
