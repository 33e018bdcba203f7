namespace RcuModel.Contention;

/// <summary>
/// Reclaim beside forks: every second thread takes folios of any process and asks whether they were used, which gives up rather than
/// wait; the others fork, write and end.
/// </summary>
internal sealed class ReclaimUnderPressure : Workload
{
    public override string Name => "reclaim";

    public override string Description => "every second thread reclaims folios of all processes, the others fork, write and exit";

    public override IReadOnlyList<OperationKind> Kinds => [OperationKind.Reclaim, OperationKind.Fork, OperationKind.Exit];

    internal override void Step(Worker worker)
    {
        if (Changes(worker))
            ForkWriteExit(worker);
        else
            worker.Reclaim(worker.Any(), worker.Tree.PageOf(worker.AnyPage()));
    }
}
