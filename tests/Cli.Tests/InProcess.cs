namespace RcuModel.Cli.Tests;

/// <summary>The tool, run inside the test process.</summary>
internal sealed record InProcess(int Code, string Out, string Error)
{
    public static InProcess Run(params string[] args) => Run(new Look(), args);

    public static InProcess Run(Look look, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Tool.Run(args, new Surroundings
        {
            Out = output,
            Error = error,
            IsTerminal = look.IsTerminal,
            NoColor = look.NoColor,
            Cancellation = look.Cancellation,
            TracesFolder = look.Traces,
        });
        return new InProcess(code, output.ToString(), error.ToString());
    }

    /// <summary>What the tool finds around it.</summary>
    internal sealed record Look
    {
        public bool IsTerminal { get; init; }

        public bool NoColor { get; init; }

        public CancellationToken Cancellation { get; init; }

        public string Traces { get; init; } = Path.Combine(AppContext.BaseDirectory, "traces-of-tests");
    }
}
