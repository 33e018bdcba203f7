using System.Diagnostics;
using System.Globalization;
using RcuModel.Exploration;
using RcuModel.Exploration.Handoff;
using RcuModel.Primitives;
using RcuModel.Scenarios;

namespace RcuModel.Bench;

/// <summary>
/// How fast the explorer is: executions a second of the programs that every tool of its kind can be asked for, the cost
/// of a step without a hand-off, and what memory does over millions of executions.
/// </summary>
internal static class ExplorerRates
{
    private const int Repeats = 5;

    public static int Run(string[] options)
    {
        int repeats = options is [var given, ..] ? int.Parse(given, CultureInfo.InvariantCulture) : Repeats;
        LineCosts.Print();
        Console.WriteLine("| what | strategy | workers | executions | switches each | steps each | executions/s min | median | max |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        Sample(repeats, "2 × 10 lock cycles", 2, 10, StrategyKind.Random, 1);
        Sample(repeats, "2 × 10 lock cycles", 2, 10, StrategyKind.Random, Environment.ProcessorCount);
        Sample(repeats, "2 × 10 lock cycles", 2, 10, StrategyKind.Pct, 1);
        Sample(repeats, "3 × 10 lock cycles", 3, 10, StrategyKind.Random, 1);
        Sample(repeats, "3 × 10 lock cycles", 3, 10, StrategyKind.Random, Environment.ProcessorCount);
        Exhaust(repeats, "lockers(2,10)", 1, "1");
        foreach (string name in new[] { "lockers(3,5)", "lastzero(15)", "tas(6)" })
        {
            // What two workers are to be compared with: alone, one has two CPUs if it can get them.
            using (CpuLease.Take(Environment.ProcessorCount - 1))
                Exhaust(repeats, name, 1, "1, on one CPU");
            Exhaust(repeats, name, 1, "1");
            Exhaust(repeats, name, Environment.ProcessorCount, $"{Environment.ProcessorCount}");
        }

        StepCost(repeats);
        return 0;
    }

    /// <summary>Resident memory while a small body is run ten million times at random.</summary>
    public static int RunMemory()
    {
        Console.WriteLine("| executions | resident MiB | managed MiB |");
        Console.WriteLine("|---|---|---|");
        long next = 0;
        var options = new ExplorationOptions
        {
            Strategy = StrategyKind.Random,
            ExecutionsMax = 10_000_000,
            Progress = progress =>
            {
                if (progress.Executions < next)
                    return;
                next += 1_000_000;
                using var self = Process.GetCurrentProcess();
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {progress.Executions:N0} | {self.WorkingSet64 / 1048576.0:F1} | {GC.GetTotalMemory(false) / 1048576.0:F1} |"));
            },
        };
        ExplorationResult result = Explorer.Explore(Foreseen.StoreBuffering, options);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result}; {result.Executions / result.Elapsed.TotalSeconds:N0} executions/s"));
        return 0;
    }

    private static void Sample(int repeats, string name, int threads, int cycles, StrategyKind strategy, int workers)
    {
        Action body = Foreseen.LockCycles(threads, cycles);
        Print(repeats, name, $"{workers}", strategy, () => Explorer.Explore(
            body, new ExplorationOptions { Strategy = strategy, ExecutionsMax = 100_000, Workers = workers }));
    }

    private static void Exhaust(int repeats, string name, int workers, string how)
    {
        Scenario scenario = Catalogue.All.Single(s => string.Equals(s.Name, name, StringComparison.Ordinal));
        Print(repeats, name, how, StrategyKind.Dpor, () =>
        {
            ExplorationResult result = Explorer.Explore(scenario.Body, new ExplorationOptions { Workers = workers });
            if (result.Executions != scenario.Executions || result.Redundant != 0 || result.Verdict != Verdict.Verified)
                throw new InvalidOperationException($"{name}: {result}, but {scenario.Executions} executions were expected.");
            return result;
        });
    }

    private static void Print(int repeats, string name, string workers, StrategyKind strategy, Func<ExplorationResult> run)
    {
        ExplorationResult last = run();
        var rates = new double[repeats];
        for (int i = 0; i < repeats; i++)
        {
            last = run();
            rates[i] = last.Executions / last.Elapsed.TotalSeconds;
        }

        Array.Sort(rates);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {strategy} | {workers} | {last.Executions:N0} | {(double)last.Switches / last.Executions:F1} | {(double)last.Steps / last.Executions:F1} | {rates[0]:N0} | {rates[repeats / 2]:N0} | {rates[^1]:N0} |"));
    }

    // One thread that touches one cell over and over: every step asks the strategy, none changes threads.
    private static void StepCost(int repeats)
    {
        const int StepsEach = 200;
        const int Executions = 10_000;
        Console.WriteLine();
        Console.WriteLine("| a step without a hand-off | ns min | median | max |");
        Console.WriteLine("|---|---|---|---|");
        foreach (StrategyKind strategy in new[] { StrategyKind.Random, StrategyKind.Pct })
        {
            // Two threads, of which the second waits for the first, so that there is something to decide.
            var costs = new double[repeats + 1];
            for (int i = 0; i <= repeats; i++)
            {
                ExplorationResult result = Explorer.Explore(
                    static () => LongThread(StepsEach),
                    new ExplorationOptions { Strategy = strategy, ExecutionsMax = Executions });
                costs[i] = result.Elapsed.TotalNanoseconds / result.Steps;
            }

            // The first pays for compiling the engine.
            double[] warm = costs[1..];
            Array.Sort(warm);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {strategy} | {warm[0]:F0} | {warm[warm.Length / 2]:F0} | {warm[^1]:F0} |"));
        }
    }

    private static void LongThread(int steps)
    {
        var cell = new Cell<int>(0, "cell");
        var done = new Cell<bool>(false, "done");
        Execution.Run(
            () =>
            {
                for (int i = 0; i < steps; i++)
                    cell.WriteOnce(i);
                done.StoreRelease(true);
            },
            () => done.AwaitEqual(true));
    }

    // What is measured as a user's own model would be: the rules for model code hold.
    [ModelCode]
    private static class Foreseen
    {
        public static Action LockCycles(int threads, int cycles) => () =>
        {
            var gate = new SpecLock("lock");
            var count = new Plain<int>(0, "count");
            Action cycle = () =>
            {
                for (int i = 0; i < cycles; i++)
                {
                    gate.Acquire();
                    count.Write(count.Read() + 1);
                    gate.Release();
                }
            };
            if (threads == 2)
                Execution.Run(cycle, cycle);
            else
                Execution.Run(cycle, cycle, cycle);
            Execution.Assert(count.Read() == threads * cycles);
        };

        public static void StoreBuffering()
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    y.ReadOnce();
                },
                () =>
                {
                    y.WriteOnce(1);
                    x.ReadOnce();
                });
        }
    }
}
