using System.CommandLine;
using System.Runtime.InteropServices;

namespace RcuModel.Cli;

/// <summary>The tool: reads the command line, does what it says, and turns whatever goes wrong into one line and a code.</summary>
internal static class Tool
{
    public const string Name = "rcumodel";

    /// <summary>Has the locks of real threads looked after.</summary>
    public const string LockdepOption = "--lockdep";

    /// <summary>Has the locks of real threads measured.</summary>
    public const string LockStatOption = "--lock-stat";

    /// <summary>Has what real threads do written down, the locks that they take among it.</summary>
    public const string PerfettoOption = "--perfetto";

    private static readonly string[] s_exploringVerbs = ["check", "replay", "stress", "matrix"];

    /// <summary>
    /// Whether the verb explores. In a process that does not, the switch stays off and a cell costs what its hardware
    /// instruction costs.
    /// </summary>
    public static bool Explores(string[] args) =>
        s_exploringVerbs.Contains(args.FirstOrDefault(static arg => !arg.StartsWith('-')), StringComparer.Ordinal) || Counts(args);

    /// <summary>Whether the locks of real threads are measured: if that is asked for, and where counting them is all that is done.</summary>
    public static bool MeasuresLocks(string[] args) =>
        args.Contains(LockStatOption, StringComparer.Ordinal) || args.Contains(PerfettoOption, StringComparer.Ordinal) || Counts(args)
        || IsBench(args, "kernel");

    /// <summary>Runs the tool in this process.</summary>
    public static int RunHere(string[] args)
    {
        using var stop = new CancellationTokenSource();

        // The first Ctrl-C asks for what is known so far; the second one ends the process in the usual way.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        return Run(args, new Surroundings
        {
            In = Console.In,
            Out = Console.Out,
            Error = Console.Error,
            IsTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            NoColor = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            Cancellation = stop.Token,
        });
    }

    // Counts locks, and steps.
    private static bool Counts(string[] args) => IsBench(args, "costs");

    private static bool IsBench(string[] args, string what) =>
        args.Where(static arg => !arg.StartsWith('-')).Take(2).SequenceEqual(["bench", what], StringComparer.Ordinal);

    /// <summary>Runs the tool in the given surroundings.</summary>
    public static int Run(string[] args, Surroundings surroundings) =>
        Guard(surroundings.Error, args.Contains("--debug", StringComparer.Ordinal), () =>
        {
            ParseResult line = CommandLine.Create(surroundings).Parse(args, CommandLine.Parsing);
            CommandLine.RefuseErrors(line);
            return line.Invoke(new InvocationConfiguration
            {
                Output = surroundings.Out,
                Error = surroundings.Error,
                EnableDefaultExceptionHandler = false,
            });
        });

    /// <summary>Runs something; a user's mistake becomes one line and 2, any other exception one line and 70.</summary>
#pragma warning disable CA1031 // This is the one place that may catch everything: there is nobody behind it.
    public static int Guard(TextWriter error, bool debug, Func<int> body)
    {
        try
        {
            return body();
        }
        catch (UsageException mistake)
        {
            error.WriteLine($"{Name}: {mistake.Message}");
            return ExitCodes.Usage;
        }
        catch (Exception exception)
        {
            error.WriteLine(debug
                ? $"{Name}: {exception}"
                : $"{Name}: {InOneLine(exception.Message)} (a mistake of the tool; --debug shows the stack)");
            return ExitCodes.Internal;
        }
    }
#pragma warning restore CA1031

    private static string InOneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
