namespace RcuModel.Scenarios;

/// <summary>Which two operations a scenario has beside each other.</summary>
/// <param name="Table">On what: the table in which the pair is shown.</param>
/// <param name="First">The one.</param>
/// <param name="Second">The other.</param>
public sealed record OperationPair(string Table, string First, string Second);
