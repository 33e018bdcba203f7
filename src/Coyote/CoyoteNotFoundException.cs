namespace RcuModel.Coyote;

/// <summary>This build is without Coyote. The message says how to have one with it.</summary>
#pragma warning disable CA1032 // There is nothing else that it could say.
public sealed class CoyoteNotFoundException() : Exception(CoyoteExplorer.HowToEnable);
