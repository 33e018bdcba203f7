namespace RcuModel.Exploration.Engine;

/// <summary>Estimates how many executions there are from those that have been run and the part of the tree that they are.</summary>
internal sealed class Estimator
{
    private readonly List<(TimeSpan When, double Total)> _estimates = [];

    /// <summary>The estimate now; null if too little has been explored to say anything.</summary>
    public ExplorationEstimate? Add(TimeSpan now, long executions, double explored)
    {
        if (explored <= 0)
            return null;
        double total = executions / Math.Min(1, explored);
        _estimates.Add((now, total));

        // What is older than half of the time says nothing about the present ones.
        _estimates.RemoveAll(estimate => estimate.When < now / 2);
        return new ExplorationEstimate(
            total, _estimates.Min(static estimate => estimate.Total), _estimates.Max(static estimate => estimate.Total));
    }
}
