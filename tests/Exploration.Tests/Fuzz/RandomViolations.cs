using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Fuzz;

/// <summary>
/// Violations of all kinds, by the thousand: random programs with a random fault in them that must not race, not wait for
/// ever, and end with the values with which one of their executions ends.
/// </summary>
internal static class RandomViolations
{
    private const int ExecutionsMax = 60;

    private static readonly Mix[] s_mixes = Enum.GetValues<Mix>();

    private static readonly OperationKind[] s_kinds =
    [
        OperationKind.Load, OperationKind.Store, OperationKind.Exchange, OperationKind.CompareExchange, OperationKind.FetchAdd,
        OperationKind.AddUnless, OperationKind.Await, OperationKind.AwaitExchange, OperationKind.Acquire, OperationKind.Release,
    ];

    /// <summary>A program in which something was found, as it was found.</summary>
    /// <param name="Body">The program.</param>
    /// <param name="Violation">What was found.</param>
    /// <param name="Text">The program in words.</param>
    public sealed record Found(Action Body, Violation Violation, string Text);

    /// <summary>What comes of a seed; null if no violation is found.</summary>
    public static Found? Of(int seed)
    {
        var random = new Random(seed);
        Mix mix = s_mixes[random.Next(s_mixes.Length)];
        RandomProgram program = ProgramGenerator.Make(seed, mix);
        int threads = program.NumberThreads();
        OperationKind kind = s_kinds[random.Next(s_kinds.Length)];
        FaultChange[] changes = [.. Enum.GetValues<FaultChange>().Where(change => Fault.IsPossible(kind, change))];
        var fault = new Fault("mutant", kind, "", changes[random.Next(changes.Length)]);
        var options = new ExplorationOptions
        {
            Strategy = (StrategyKind)random.Next(4),
            Seed = (ulong)seed,
            SpuriousPerThread = program.Spurious,
            StepsMax = 300,
            ExecutionsMax = ExecutionsMax,
            Fault = random.Next(4) == 0 ? null : fault,
            Minimise = false,
        };

        IReadOnlyList<int> first = [];
        Explorer.Explore(() => first = Play(), new ExplorationOptions
        {
            Strategy = StrategyKind.Dfs,
            ExecutionsMax = 1,
            StepsMax = 300,
            AllowBlocked = true,
            StopAtFirst = false,
            Minimise = false,
        });
        void Body()
        {
            IReadOnlyList<int> last = Play();
            Execution.Assert(last.SequenceEqual(first), $"the body sees {string.Join(' ', first)}");
        }

        ExplorationResult result = Explorer.Explore(Body, options);
        return result.Violation is { } violation
            ? new Found(Body, violation, $"seed {seed}, {mix}, {options.Strategy}, {options.Fault}\n{program}")
            : null;

        IReadOnlyList<int> Play()
        {
            var seen = new Observations(threads);
            program.Run(seen);
            return seen.Of(0);
        }
    }
}
