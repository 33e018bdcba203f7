using System.Globalization;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Checkpoints;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Cli.Traces;
using RcuModel.Exploration;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Matrix;

/// <summary>Explores cells, as many at a time as there are workers, and notes what comes of them.</summary>
internal sealed class MatrixRun
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Alternative, string Scenario), MatrixCell> _done = [];

    /// <summary>Those whose scenarios are explored.</summary>
    public required IReadOnlyList<Alternative> Alternatives { get; init; }

    /// <summary>What they are explored in.</summary>
    public required IReadOnlyList<MatrixScenario> Scenarios { get; init; }

    /// <summary>All there are, explored or not, in the order of columns.</summary>
    public required IReadOnlyList<string> AllAlternatives { get; init; }

    /// <summary>All there are, in the order of rows.</summary>
    public required IReadOnlyList<string> AllScenarios { get; init; }

    /// <summary>What code all of it is.</summary>
    public required string Code { get; init; }

    /// <summary>After how long a cell is left as it is.</summary>
    public required TimeSpan TimePerCell { get; init; }

    /// <summary>How many cells are explored at a time.</summary>
    public required int Workers { get; init; }

    /// <summary>Where counterexamples go.</summary>
    public required TraceFolder Traces { get; init; }

    /// <summary>Told of each trace that cannot be written.</summary>
    public required Action<string> Problem { get; init; }

    /// <summary>Told how many cells are done, and which one was done last.</summary>
    public required Action<int, MatrixCell> Progress { get; init; }

    /// <summary>Given all that is known so far, after each cell.</summary>
    public Action<MatrixDocument>? Checkpoint { get; init; }

    /// <summary>Ends it.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>How many cells are asked for.</summary>
    public int Count => Alternatives.Count * Scenarios.Count;

    /// <summary>How many of them are done.</summary>
    public int CountDone => Count - Open().Count;

    /// <summary>
    /// Takes over what was explored before, with the same code: all of it, asked for or not. What ended with a smaller budget is explored again.
    /// </summary>
    /// <param name="path">The file that it was in.</param>
    /// <param name="before">What it is.</param>
    /// <exception cref="UsageException">It is of other code.</exception>
    public void GoOnFrom(string path, MatrixDocument before)
    {
        if (before.Code != Code)
            throw CheckpointFile.Refused(path, CheckpointFile.CodeHasChanged);
        foreach (MatrixCell cell in before.Cells)
            _done[(cell.Alternative, cell.Scenario)] = cell;
    }

    // One scenario after the other, so that a matrix that was ended early has whole rows.
    private List<(Alternative Alternative, MatrixScenario Scenario)> Open() =>
    [
        .. from scenario in Scenarios
           from alternative in Alternatives
           where !(_done.TryGetValue((alternative.Name, scenario.Name), out MatrixCell? cell)
               && (cell.Verdict != MatrixCell.Clean || cell.SecondsMax >= TimePerCell.TotalSeconds))
           select (alternative, scenario),
    ];

    /// <summary>Explores what is not known yet.</summary>
    public void Run()
    {
        List<(Alternative Alternative, MatrixScenario Scenario)> open = Open();
        int done = Count - open.Count;
        var next = -1;
        var threads = new List<Thread>();
        void Work()
        {
            for (int at; !Cancellation.IsCancellationRequested && (at = Interlocked.Increment(ref next)) < open.Count;)
                Explore(open[at].Alternative, open[at].Scenario, ref done);
        }

        for (int i = 1; i < Workers; i++)
        {
            var thread = new Thread(Work) { IsBackground = true };
            threads.Add(thread);
            thread.Start();
        }

        Work();
        foreach (Thread thread in threads)
            thread.Join();
    }

    /// <summary>All that is known.</summary>
    /// <param name="costs">Counts what workloads cost the alternatives of these names; null for not yet.</param>
    public MatrixDocument ToDocument(Func<IReadOnlyList<string>, IReadOnlyList<MatrixCost>>? costs)
    {
        HashSet<string> alternatives = [.. Alternatives.Select(static a => a.Name), .. _done.Keys.Select(static cell => cell.Alternative)];
        HashSet<string> scenarios = [.. Scenarios.Select(static s => s.Name), .. _done.Keys.Select(static cell => cell.Scenario)];
        string[] columns = [.. AllAlternatives.Where(alternatives.Contains)];
        string[] rows = [.. AllScenarios.Where(scenarios.Contains)];
        return new MatrixDocument(
            MatrixDocument.VersionWritten, Code, columns, rows,
            [
                .. from row in rows
                   from column in columns
                   where _done.ContainsKey((column, row))
                   select _done[(column, row)],
            ],
            costs?.Invoke(columns) ?? []);
    }

    private void Explore(Alternative alternative, MatrixScenario scenario, ref int count)
    {
        Scenario cell = scenario.With(alternative);
        var options = new ExplorationOptions
        {
            TimeMax = TimePerCell,
            MustReach = cell.MustReach,
            Scenario = cell.Name,
            Cancellation = Cancellation,
        };
        ExplorationResult result = Explorer.Explore(cell.Body, options);
        ExecutionTrace? counterexample = result.Violation?.Trace;
        int? preemptions = Preemptions.Of(counterexample);
        string? fewer = null;
        if (preemptions > Preemptions.Few)
            (counterexample, preemptions, fewer) = Preemptions.LookForFew(cell, options, counterexample!);

        // What Ctrl-C has ended is not done.
        if (Cancellation.IsCancellationRequested && result.Verdict == Verdict.NoViolationWithinBudget)
            return;
        lock (_gate)
        {
            string? trace = Traces.Keep(new Item(cell, null), counterexample, Problem);
            var done = new MatrixCell(
                alternative.Name, scenario.Name, Json.Words(result.Verdict), result.Executions, Json.Seconds(result.Elapsed), TimePerCell.TotalSeconds, result.Bound,
                counterexample?.Rule ?? result.Violation?.Rule, preemptions, trace)
            {
                Hazards = result.Violation is null ? null : HazardRemark.Names(cell),
                Fewer = fewer,
            };
            _done[(alternative.Name, scenario.Name)] = done;
            Progress(++count, done);
            Checkpoint?.Invoke(ToDocument(null));
        }
    }

    /// <summary>One line on all cells: how many there are of each kind.</summary>
    public static string Summary(MatrixDocument document)
    {
        int all = document.Alternatives.Count * document.Scenarios.Count;
        int Of(string verdict) => document.Cells.Count(cell => cell.Verdict == verdict);
        double[] budgets = [.. document.Cells.Select(static cell => cell.SecondsMax).Distinct().Order()];
        string seconds = budgets.Length == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"; {budgets[0]} s{(budgets.Length > 1 ? $" to {budgets[^1]} s" : "")} a cell at most, {document.Cells.Sum(static cell => cell.Seconds):N0} s together");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{document.Cells.Count:N0} of {all:N0} cells: {Of(MatrixCell.Verified):N0} verified, {Of(MatrixCell.Clean):N0} no violation within the budget, {Of(MatrixCell.Violated):N0} violated{seconds}");
    }
}
