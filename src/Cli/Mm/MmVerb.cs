using System.CommandLine;

namespace RcuModel.Cli.Mm;

/// <summary><c>mm</c>: verbs for scripts of memory management operations.</summary>
internal static class MmVerb
{
    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var verb = new Command("mm", "Runs scripts of memory management operations on a model, and compares it with a kernel.");
        verb.Subcommands.Add(MmRunCommand.Create(surroundings));
        verb.Subcommands.Add(MmCompareCommand.Create(surroundings));
        return verb;
    }
}
