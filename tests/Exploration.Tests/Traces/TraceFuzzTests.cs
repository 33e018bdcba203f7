using System.Globalization;
using RcuModel.Exploration.Minimising;
using RcuModel.Exploration.Tests.Fuzz;
using Xunit.Abstractions;

namespace RcuModel.Exploration.Tests.Traces;

/// <summary>Traces of random violations: each is replayed as it was, and what is left of it is the same failure.</summary>
/// <remarks>RCUMODEL_TRACE_FUZZ is how many violations there are to be; RCUMODEL_FUZZ_SEED moves where it begins.</remarks>
public sealed class TraceFuzzTests(ITestOutputHelper output)
{
    private const int ViolationsUsually = 400;

    [Fact]
    public void A_violation_is_replayed_exactly_and_a_minimised_one_fails_in_the_same_way()
    {
        int wanted = Number("RCUMODEL_TRACE_FUZZ") ?? ViolationsUsually;
        int seed = Number("RCUMODEL_FUZZ_SEED") ?? 1;
        var before = new Sum();
        var after = new Sum();
        var kinds = new SortedDictionary<ViolationKind, int>();
        int found = 0;
        int smaller = 0;
        for (; found < wanted; seed++)
        {
            if (RandomViolations.Of(seed) is not { } random)
                continue;
            found++;
            kinds[random.Violation.Kind] = kinds.GetValueOrDefault(random.Violation.Kind) + 1;
            ExecutionTrace? trace = random.Violation.Trace;
            Assert.True(trace is not null, $"no trace\n{random.Violation.Report}\n{random.Text}");
            Expect(random, trace);

            if (Minimiser.Minimise(random.Body, trace) is not { } minimised)
            {
                Assert.True(
                    trace.Kind is ViolationKind.NotInstrumented || trace.Rule.Contains("more than 16 threads", StringComparison.Ordinal),
                    $"not minimised: {trace.Rule}\n{random.Text}");
                continue;
            }

            Assert.True(Key(trace) == Key(minimised), $"{trace.Rule} became {minimised.Rule}\n{random.Text}");
            Assert.True(Weight(minimised).CompareTo(Weight(trace)) <= 0, $"{trace.Size} -> {minimised.Size}\n{random.Text}");
            Assert.True(minimised.IsMinimal, $"a limit was met: {trace.Size} -> {minimised.Size}\n{random.Text}");
            Expect(random, minimised);
            before.Add(trace.Size);
            after.Add(minimised.Size);
            smaller += minimised.Size == trace.Size ? 0 : 1;

            // What is minimal stays as it is.
            if (found % 16 == 0)
                Assert.Equal(minimised.Steps, Minimiser.Minimise(random.Body, minimised)!.Steps);
        }

        output.WriteLine($"{found} violations: {string.Join(", ", kinds.Select(static pair => $"{pair.Value} {pair.Key}"))}");
        output.WriteLine($"before: {before}; after: {after}; {smaller} became smaller; the last seed is {seed - 1}");
    }

    private static void Expect(RandomViolations.Found random, ExecutionTrace trace)
    {
        string json = trace.ToJson();
        ExecutionTrace read = ExecutionTrace.Parse(json);
        Assert.Equal(json, read.ToJson());
        ReplayResult result = Explorer.Replay(random.Body, read);
        Assert.True(result.Outcome == ReplayOutcome.Reproduced, $"{result.Message}\n{random.Violation.Report}\n{random.Text}");
        Assert.Equal(trace.Kind, result.Violation!.Kind);
        Assert.Equal(trace.Rule, result.Violation.Rule);
    }

    private static string Key(ExecutionTrace trace) => SameFailure.KeyOf(
        trace.Kind, trace.Rule, [.. trace.Threads.Select(static thread => thread.Name)]);

    private static (int Threads, int Switches, int Steps) Weight(ExecutionTrace trace) =>
        (trace.Size.Threads, trace.Size.Switches, trace.Size.Steps);

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : null;

    private sealed class Sum
    {
        private int _count;
        private double _threads;
        private double _switches;
        private double _steps;

        public void Add(ExecutionSize size)
        {
            _count++;
            _threads += size.Threads;
            _switches += size.Switches;
            _steps += size.Steps;
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{_threads / _count:0.00} threads, {_switches / _count:0.00} switches, {_steps / _count:0.00} steps on average");
    }
}
