namespace RcuModel.Exploration.Strategies;

/// <summary>A thread's turn in a schedule: it does its next step, whatever that is.</summary>
/// <param name="Thread">The thread's number.</param>
/// <param name="Choice">The branch that it takes if the step is a choice.</param>
internal readonly record struct Turn(byte Thread, ushort Choice);
