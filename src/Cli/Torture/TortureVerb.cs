using System.CommandLine;

namespace RcuModel.Cli.Torture;

/// <summary><c>torture</c>: a verb for each thing that can be tortured.</summary>
internal static class TortureVerb
{
    public static Command Create(Surroundings surroundings)
    {
        var verb = new Command(
            "torture", "Uses a mechanism hard on real threads, as the kernel's torture tests do, and says what may not happen.");
        verb.Subcommands.Add(TortureRcuVerb.Create(surroundings));
        verb.Subcommands.Add(TortureLocksVerb.Create(surroundings));
        verb.Subcommands.Add(TortureRangeVerb.Create(surroundings));
        return verb;
    }
}
