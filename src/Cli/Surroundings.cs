namespace RcuModel.Cli;

/// <summary>What a run of the tool sees of the process around it, so that a test can be that process.</summary>
internal sealed record Surroundings
{
    /// <summary>The folder that traces are written to, unless the user says otherwise.</summary>
    public const string TracesUsually = "rcumodel-traces";

    /// <summary>Where a file is read from that is called -.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>For results, and nothing else.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>For mistakes and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal, on which a line can be drawn again.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether the user has asked for no colours, in the environment.</summary>
    public bool NoColor { get; init; }

    /// <summary>Where traces go if the user names no folder.</summary>
    public string TracesFolder { get; init; } = TracesUsually;

    /// <summary>Ctrl-C.</summary>
    public CancellationToken Cancellation { get; init; }
}
