namespace RcuModel.Cli.Checking;

/// <summary>Who runs the interleavings of a body.</summary>
internal enum EngineKind
{
    /// <summary>The one that is built in.</summary>
    Explorer,

    /// <summary>Microsoft.Coyote.</summary>
    Coyote,
}
