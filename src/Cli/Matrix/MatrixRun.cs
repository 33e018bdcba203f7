using System.Globalization;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Cli.Traces;
using RcuModel.Exploration;
using RcuModel.Primitives;
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

    /// <summary>How many cells there are.</summary>
    public int Count => Alternatives.Count * Scenarios.Count;

    /// <summary>Takes over what was explored before; what is not asked for is left out.</summary>
    public void GoOnFrom(MatrixDocument before)
    {
        foreach (MatrixCell cell in before.Cells)
        {
            if (Alternatives.Any(a => a.Name == cell.Alternative) && Scenarios.Any(s => s.Name == cell.Scenario))
                _done[(cell.Alternative, cell.Scenario)] = cell;
        }
    }

    /// <summary>Explores what is not known yet.</summary>
    public void Run()
    {
        // One scenario after the other, so that a matrix that was ended early has whole columns.
        var open = (from scenario in Scenarios
                    from alternative in Alternatives
                    where !_done.ContainsKey((alternative.Name, scenario.Name))
                    select (alternative, scenario)).ToList();
        var next = -1;
        var threads = new List<Thread>();
        void Work()
        {
            for (int at; !Cancellation.IsCancellationRequested && (at = Interlocked.Increment(ref next)) < open.Count;)
                Explore(open[at].alternative, open[at].scenario);
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
    /// <param name="costs">What workloads cost, if that was counted.</param>
    public MatrixDocument ToDocument(IReadOnlyList<MatrixCost> costs) => new(
        MatrixDocument.VersionWritten, TimePerCell.TotalSeconds, [.. Alternatives.Select(static a => a.Name)], [.. Scenarios.Select(static s => s.Name)],
        [
            .. from scenario in Scenarios
               from alternative in Alternatives
               where _done.ContainsKey((alternative.Name, scenario.Name))
               select _done[(alternative.Name, scenario.Name)],
        ],
        costs);

    private void Explore(Alternative alternative, MatrixScenario scenario)
    {
        Scenario cell = scenario.With(alternative);
        ExplorationResult result = Explorer.Explore(cell.Body, new ExplorationOptions
        {
            TimeMax = TimePerCell,
            MustReach = cell.MustReach,
            Scenario = cell.Name,
            Cancellation = Cancellation,
        });

        // What Ctrl-C has ended is not done.
        if (Cancellation.IsCancellationRequested && result.Verdict == Verdict.NoViolationWithinBudget)
            return;
        lock (_gate)
        {
            string? trace = Traces.Keep(new Item(cell, null), result.Violation?.Trace, Problem);
            var done = new MatrixCell(
                alternative.Name, scenario.Name, Json.Words(result.Verdict), result.Executions, Json.Seconds(result.Elapsed), result.Bound,
                result.Violation?.Rule, PreemptionsOf(result.Violation?.Trace), trace)
            {
                Hazards = result.Violation is null ? null : HazardRemark.Names(cell),
            };
            _done[(alternative.Name, scenario.Name)] = done;
            Progress(_done.Count, done);
            Checkpoint?.Invoke(ToDocument([]));
        }
    }

    // A thread is preempted where another one goes on although it could have, which is not so where its next step is one that waits.
    private static int? PreemptionsOf(ExecutionTrace? trace)
    {
        if (trace is null)
            return null;
        int preemptions = 0;
        for (int i = 1; i < trace.Steps.Count; i++)
        {
            int before = trace.Steps[i - 1].Thread;
            if (trace.Steps[i].Thread == before)
                continue;
            TraceStep? next = trace.Steps.Skip(i).FirstOrDefault(step => step.Thread == before);
            if (next is not null && next.Kind is not (OperationKind.Acquire or OperationKind.Await or OperationKind.AwaitExchange
                or OperationKind.AwaitMany or OperationKind.Join or OperationKind.RcuSynchronizeEnd))
            {
                preemptions++;
            }
        }

        return preemptions;
    }

    /// <summary>One line on all cells: how many there are of each kind.</summary>
    public static string Summary(MatrixDocument document)
    {
        int all = document.Alternatives.Count * document.Scenarios.Count;
        int Of(string verdict) => document.Cells.Count(cell => cell.Verdict == verdict);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{document.Cells.Count} of {all} cells: {Of(MatrixCell.Verified)} verified, {Of(MatrixCell.Clean)} no violation within the budget, {Of(MatrixCell.Violated)} violated");
    }
}
