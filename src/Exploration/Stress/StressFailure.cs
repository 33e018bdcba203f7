namespace RcuModel.Exploration;

/// <summary>What went wrong on real threads.</summary>
/// <param name="Kind">The kind of rule that was violated.</param>
/// <param name="Rule">The rule, in words.</param>
/// <param name="Thread">The thread that violated it; empty if it was none in particular.</param>
public sealed record StressFailure(ViolationKind Kind, string Rule, string Thread);
