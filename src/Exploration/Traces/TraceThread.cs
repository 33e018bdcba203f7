namespace RcuModel.Exploration;

/// <summary>A thread of a recorded execution. It is found again as the n-th child of its parent.</summary>
/// <param name="Name">What it was called, for people.</param>
/// <param name="Parent">The number of the thread that started it; -1 for the body itself, which is number 0.</param>
/// <param name="Child">Which child of its parent it is, from 0.</param>
public sealed record TraceThread(string Name, int Parent, int Child);
