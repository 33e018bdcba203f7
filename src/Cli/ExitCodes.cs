namespace RcuModel.Cli;

/// <summary>What the tool's exit code says.</summary>
internal static class ExitCodes
{
    /// <summary>Everything asked for holds.</summary>
    public const int Holds = 0;

    /// <summary>A rule is violated, or an expectation is not met.</summary>
    public const int Violated = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>A budget, or Ctrl-C, ended it before there was an answer.</summary>
    public const int Budget = 3;

    /// <summary>A mistake of the tool itself.</summary>
    public const int Internal = 70;
}
