namespace RcuModel.Cli;

/// <summary>The user's mistake, in one line that says how to mend it.</summary>
#pragma warning disable CA1032 // It is made from that line, never without.
internal sealed class UsageException(string line) : Exception(line);
