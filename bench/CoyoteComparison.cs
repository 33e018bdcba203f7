using System.Diagnostics;
using System.Globalization;
using RcuModel.Coyote;
using RcuModel.Exploration;
using RcuModel.Primitives;
using RcuModel.Scenarios;

namespace RcuModel.Bench;

/// <summary>
/// The explorer and Coyote side by side, on the same bodies, in one run, on one CPU: what each needs to find a seeded fault,
/// to exhaust a check, and how many executions it runs a second. Prints the tables of docs/coyote.md and docs/coyote-tables.md.
/// </summary>
internal static class CoyoteComparison
{
    private const long SampleMax = 10_000;
    private const long CoyoteSampleMax = 1_000;
    private const long ExhaustMax = 100_000;
    private const int RateExecutions = 1_000;
    private const int Repeats = 3;

    public static int Run(string[] options)
    {
        if (!CoyoteExplorer.IsAvailable)
        {
            Console.Error.WriteLine(CoyoteExplorer.HowToEnable);
            return 1;
        }

        TimeSpan each = TimeSpan.FromSeconds(options is [var given, ..] ? double.Parse(given, CultureInfo.InvariantCulture) : 2);
        string part = options is [_, var name, ..] ? name : "";
        PinToOneCpu();
        Scenario[] scenarios = [.. Catalogue.All.Where(
            s => s.Group != Scenario.LongGroup && s.Name.Contains(part, StringComparison.Ordinal))];
        Rates();
        Faults(scenarios, each);
        Checks(scenarios, each);
        return 0;
    }

    // Before the first exploration asks which CPUs there are.
    private static void PinToOneCpu()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
            return;
        using var self = Process.GetCurrentProcess();
        self.ProcessorAffinity = (nint)(1L << System.Numerics.BitOperations.Log2((ulong)self.ProcessorAffinity));
    }

    private static void Rates()
    {
        Console.WriteLine("| body | steps | explorer random | explorer pct | explorer dpor | Coyote random | Coyote pct | Coyote dfs | explorer random to Coyote random |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        Rate("2 × 10 additions", static () => Additions(2, 10));
        Rate("3 × 10 additions", static () => Additions(3, 10));
        Rate("2 × 10 spinlock cycles", static () => LockCycles(2, 10));
        Rate("3 × 10 spinlock cycles", static () => LockCycles(3, 10));
        Rate("8 × 3 spinlock cycles", static () => LockCycles(8, 3));
        Console.WriteLine();
    }

    private static void Rate(string name, Action body)
    {
        double Best(Func<ExplorationResult> run)
        {
            double best = 0;
            for (int i = 0; i < Repeats; i++)
            {
                ExplorationResult result = run();
                best = Math.Max(best, result.Executions / result.Elapsed.TotalSeconds);
            }

            return best;
        }

        double Explorer(StrategyKind strategy) => Best(() => Exploration.Explorer.Explore(
            body, new ExplorationOptions { Strategy = strategy, ExecutionsMax = RateExecutions * 10 }));
        double Coyote(CoyoteStrategy strategy) => Best(() => CoyoteExplorer.Explore(
            body, new CoyoteOptions { Strategy = strategy, Exploration = new ExplorationOptions { ExecutionsMax = RateExecutions } }).Exploration);

        ExplorationResult one = Exploration.Explorer.Explore(body, new ExplorationOptions { ExecutionsMax = 1 });
        double random = Explorer(StrategyKind.Random);
        double coyote = Coyote(CoyoteStrategy.Random);
        Print($"| {name} | {one.Steps} | {random:N0} | {Explorer(StrategyKind.Pct):N0} | {Explorer(StrategyKind.Dpor):N0} | {coyote:N0} | {Coyote(CoyoteStrategy.Pct):N0} | {Coyote(CoyoteStrategy.Dfs):N0} | {random / coyote:N0} |");
    }

    private static void Faults(Scenario[] scenarios, TimeSpan each)
    {
        Console.WriteLine("| scenario | fault | memory | explorer dpor | explorer random | explorer pct | Coyote random | Coyote pct | Coyote dfs |");
        Console.WriteLine("|---|---|---|---:|---:|---:|---:|---:|---:|");
        var found = new int[6];
        int all = 0;
        var seconds = new double[6];
        var missed = new List<string>();
        foreach ((Scenario scenario, Fault? fault) in scenarios.SelectMany(static s => s.Faults.Select(f => (s, (Fault?)f)))
            .Concat(scenarios.Where(static s => s.MustFail).Select(static s => (s, (Fault?)null))))
        {
            ExplorationOptions options = Options(scenario, fault);
            ExplorationResult[] results =
            [
                Exploration.Explorer.Explore(scenario.Body, options with { TimeMax = null }),
                Exploration.Explorer.Explore(scenario.Body, options with { Strategy = StrategyKind.Random, ExecutionsMax = SampleMax }),
                Exploration.Explorer.Explore(scenario.Body, options with { Strategy = StrategyKind.Pct, ExecutionsMax = SampleMax }),
                Coyote(CoyoteStrategy.Random, CoyoteSampleMax),
                Coyote(CoyoteStrategy.Pct, CoyoteSampleMax),
                Coyote(CoyoteStrategy.Dfs, ExhaustMax),
            ];
            all++;
            for (int i = 0; i < results.Length; i++)
            {
                seconds[i] += results[i].Elapsed.TotalSeconds;
                if (results[i].Violation is not null)
                    found[i]++;
            }

            if (results[0].Violation is null && results.Any(static r => r.Violation is not null))
                missed.Add($"{scenario.Name}/{fault?.Name}");
            Print($"| {scenario.Name} | {fault?.Name ?? "(must fail)"} | {(options.Memory == MemoryModel.Tso ? "tso" : "sc")} | {string.Join(" | ", results.Select(Found))} |");

            ExplorationResult Coyote(CoyoteStrategy strategy, long executions) => CoyoteExplorer.Explore(scenario.Body, new CoyoteOptions
            {
                Strategy = strategy,
                Exploration = options with { ExecutionsMax = executions, TimeMax = each },
            }).Exploration;
        }

        Print($"| found of {all} | | | {string.Join(" | ", found)} |");
        Print($"| seconds in all | | | {string.Join(" | ", seconds.Select(static s => s.ToString("N1", CultureInfo.InvariantCulture)))} |");
        Console.WriteLine();
        Console.WriteLine(missed.Count == 0
            ? "Whatever anybody found, explorer dpor found."
            : $"NOT FOUND BY explorer dpor, but by another: {string.Join(", ", missed)}");
        Console.WriteLine();

        string Found(ExplorationResult result) => result.Violation is { } violation
            ? Words($"{Math.Max(violation.Execution, 1):N0} ({result.Elapsed.TotalSeconds:0.000} s)")
            : Words($"- ({result.Executions:N0}, {result.Elapsed.TotalSeconds:0.0} s)");
    }

    private static void Checks(Scenario[] scenarios, TimeSpan each)
    {
        Console.WriteLine("| check | explorer dpor | s | explorer dfs | s | Coyote dfs | s |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        int all = 0;
        int exhausted = 0;
        int byReduction = 0;
        foreach (Scenario scenario in scenarios.Where(static s => !s.MustFail))
        {
            ExplorationOptions options = Options(scenario, null);
            ExplorationResult dpor = Exploration.Explorer.Explore(scenario.Body, options with { TimeMax = null });
            ExplorationResult dfs = Exploration.Explorer.Explore(
                scenario.Body, options with { Strategy = StrategyKind.Dfs, ExecutionsMax = ExhaustMax, TimeMax = each });
            all++;
            if (dpor.Verdict == Verdict.Verified)
                byReduction++;

            // Coyote runs each interleaving at least once, and fewer a second: what the explorer has not ended it would not.
            if (dfs.Verdict != Verdict.Verified)
            {
                Print($"| {scenario.Name} | {dpor.Executions:N0} | {dpor.Elapsed.TotalSeconds:0.000} | not within {dfs.Executions:N0} | {dfs.Elapsed.TotalSeconds:0.000} | not tried | |");
                continue;
            }

            ExplorationResult coyote = CoyoteExplorer.Explore(scenario.Body, new CoyoteOptions
            {
                Strategy = CoyoteStrategy.Dfs,
                Exploration = options with { ExecutionsMax = ExhaustMax, TimeMax = each },
            }).Exploration;
            if (coyote.Verdict == Verdict.Verified)
                exhausted++;
            string outcome = coyote.Verdict == Verdict.Verified ? Words($"{coyote.Executions:N0}")
                : coyote.Executions >= ExhaustMax ? Words($"not within {ExhaustMax:N0}")
                : coyote.Bound!.Contains("time", StringComparison.Ordinal) ? Words($"not within {coyote.Executions:N0}, when its time was up")
                : Words($"never: it has choices ({coyote.Executions:N0})");
            Print($"| {scenario.Name} | {dpor.Executions:N0} | {dpor.Elapsed.TotalSeconds:0.000} | {dfs.Executions:N0} | {dfs.Elapsed.TotalSeconds:0.000} | {outcome} | {coyote.Elapsed.TotalSeconds:0.0} |");
        }

        Console.WriteLine();
        Print($"Coyote's dfs exhausts {exhausted} of {all}, explorer dpor {byReduction}.");
    }

    private static ExplorationOptions Options(Scenario scenario, Fault? fault) => new()
    {
        Memory = fault is { OnlyWithStoreBuffers: true } ? MemoryModel.Tso : MemoryModel.Sc,
        AllowBlocked = scenario.Blocked > 0,
        StepsMax = scenario.StepsMax ?? new ExplorationOptions().StepsMax,
        MustReach = fault is { OnlyWithStoreBuffers: true } ? [.. scenario.MustReach, .. scenario.MustReachTso] : scenario.MustReach,
        Fault = fault,
        Minimise = false,
    };

    private static void Additions(int threads, int each)
    {
        var sum = new Cell<int>(0, "sum");
        SideBySide(threads, () =>
        {
            for (int i = 0; i < each; i++)
                sum.FetchAdd(1);
        });
        Execution.Assert(sum.ReadOnce() == threads * each);
    }

    private static void LockCycles(int threads, int cycles)
    {
        var gate = new TicketSpinlock("lock");
        var count = new Plain<int>(0, "count");
        SideBySide(threads, () =>
        {
            for (int i = 0; i < cycles; i++)
            {
                gate.Lock();
                count.Write(count.Read() + 1);
                gate.Unlock();
            }
        });
        Execution.Assert(count.Read() == threads * cycles);
    }

    private static void SideBySide(int threads, Action body) => Execution.Run(Enumerable.Repeat(body, threads).ToArray());

    private static void Print(FormattableString line) => Console.WriteLine(Words(line));

    private static string Words(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
