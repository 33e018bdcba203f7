using System.CommandLine;

namespace RcuModel.Cli.Bench;

/// <summary><c>bench</c>: what designs of the reverse map cost on real threads.</summary>
internal static class BenchVerb
{
    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var verb = new Command("bench", "Measures what designs of the reverse map cost on real threads, beside each other.");
        verb.Subcommands.Add(BenchRunCommand.Create(surroundings));
        verb.Subcommands.Add(BenchSweepCommand.Create(surroundings));
        verb.Subcommands.Add(BenchCostsCommand.Create(surroundings));
        verb.Subcommands.Add(BenchClaimsCommand.Create(surroundings));
        verb.Subcommands.Add(BenchKernelCommand.Create(surroundings));
        verb.Subcommands.Add(BenchWalkCostCommand.Create(surroundings));
        return verb;
    }
}
