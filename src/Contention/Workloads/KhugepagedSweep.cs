namespace RcuModel.Contention;

/// <summary>
/// khugepaged beside forks: every second thread collapses pages of any process, and splits what is large already; the others fork, write in the
/// parent, which copies pages out of large folios, and let the child end.
/// </summary>
internal sealed class KhugepagedSweep : Workload
{
    public override string Name => "khugepaged";

    public override string Description => "every second thread collapses pages of all processes and splits large folios, the others fork, write and exit";

    public override IReadOnlyList<OperationKind> Kinds => [OperationKind.Collapse, OperationKind.Split, OperationKind.Fork, OperationKind.Exit];

    internal override bool Collapses => true;

    internal override void Step(Worker worker)
    {
        if (!Changes(worker))
        {
            worker.Collapse(worker.Any(), worker.Tree.PageOf(worker.AnyPage()));
            return;
        }

        Mm.MmStruct child = worker.Fork(worker.Own);
        worker.Write(worker.Own, worker.OwnPage(worker.AnyPage()), 1);
        worker.Exit(child);
    }
}
