using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using RcuModel.Cli.Bench;
using RcuModel.Cli.Matrix;
using RcuModel.Cli.Mm;
using RcuModel.Cli.Selecting;
using RcuModel.Cli.Torture;

namespace RcuModel.Cli;

/// <summary>The verbs together, and what to say when the command line does not fit them.</summary>
internal static class CommandLine
{
    /// <summary>An argument that begins with @ is a name like any other, not a file of further arguments.</summary>
    public static ParserConfiguration Parsing { get; } = new() { ResponseFileTokenReplacer = null };

    public static RootCommand Create(Surroundings surroundings)
    {
        var root = new RootCommand(
            "Explores the interleavings of concurrent code that is modelled on the Linux kernel's, and says whether what "
            + "is claimed of it holds.");
        root.Subcommands.Add(ListVerb.Create(surroundings));
        root.Subcommands.Add(CheckVerb.Create(surroundings));
        root.Subcommands.Add(ReplayVerb.Create(surroundings));
        root.Subcommands.Add(StressVerb.Create(surroundings));
        root.Subcommands.Add(TortureVerb.Create(surroundings));
        root.Subcommands.Add(MmVerb.Create(surroundings));
        root.Subcommands.Add(BenchVerb.Create(surroundings));
        root.Subcommands.Add(MatrixVerb.Create(surroundings));
        root.Options.Add(new Option<bool>("--debug")
        {
            Description = "Show the stack if the tool itself fails.",
            Recursive = true,
        });
        root.SetAction(_ =>
        {
            root.Parse("--help").Invoke(new InvocationConfiguration { Output = surroundings.Error });
            return ExitCodes.Usage;
        });

        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Help((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Throws if the command line does not fit, with what is wrong in one line.</summary>
    public static void RefuseErrors(ParseResult line)
    {
        if (line.UnmatchedTokens.Count > 0)
            RefuseUnknown(line, line.UnmatchedTokens[0]);

        // Who asks for help need not name a file.
        if (line.Errors.Count > 0 && line.Action is not Help)
            throw new UsageException($"{line.Errors[0].Message.TrimEnd('.')}; \"{Tool.Name} --help\" has examples");
    }

    /// <summary>Throws: what stands there is neither a verb nor an option of this verb.</summary>
    public static void RefuseUnknown(ParseResult line, string token)
    {
        Command command = line.CommandResult.Command;
        bool isOption = token.StartsWith('-');
        IEnumerable<string> valid = isOption
            ? OptionsOf(line.CommandResult)
            : command.Subcommands.Select(static verb => verb.Name);
        string what = isOption ? $"{command.Name} has no option"
            : command is RootCommand ? "no verb is called"
            : command.Subcommands.Count > 0 ? $"{command.Name} knows nothing called"
            : $"{command.Name} has no use for";
        throw new UsageException($"{what} \"{token}\"{Nearest.Hint(token, valid, $"\"{Tool.Name} --help\" has them all")}");
    }

    private static IEnumerable<string> OptionsOf(CommandResult? result)
    {
        for (; result is not null; result = result.Parent as CommandResult)
        {
            foreach (Option option in result.Command.Options)
                yield return option.Name;
        }
    }
}
