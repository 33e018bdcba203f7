namespace RcuModel.Cli;

/// <summary>What the tool's exit code says.</summary>
internal static class ExitCodes
{
    /// <summary>Everything asked for holds; a trace is not violated any more.</summary>
    public const int Holds = 0;

    /// <summary>A rule is violated, or an expectation is not met; a trace is reproduced.</summary>
    public const int Violated = 1;

    /// <summary>The command line makes no sense, or names a file that cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>A budget, or Ctrl-C, ended it before there was an answer.</summary>
    public const int Budget = 3;

    /// <summary>A trace stopped fitting the code, so it says nothing about it.</summary>
    public const int DoesNotFit = 4;

    /// <summary>A mistake of the tool itself.</summary>
    public const int Internal = 70;
}
