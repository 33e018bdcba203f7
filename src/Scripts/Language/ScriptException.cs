namespace RcuModel.Scripts;

/// <summary>A script or a dump that makes no sense, in one line that says where and what was expected.</summary>
#pragma warning disable CA1032 // It is made from that line, never without.
public sealed class ScriptException(string line) : Exception(line);
