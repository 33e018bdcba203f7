namespace RcuModel.Scripts;

/// <summary>The kernel of this machine cannot be asked, or did not answer, in one line that says why.</summary>
#pragma warning disable CA1032 // It is made from that line, never without.
public sealed class OracleException(string line) : Exception(line);
