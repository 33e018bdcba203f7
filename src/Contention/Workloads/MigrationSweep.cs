namespace RcuModel.Contention;

/// <summary>Migration, as compaction does it: every second thread migrates folios of any process, the others change their VMAs.</summary>
internal sealed class MigrationSweep : Workload
{
    public override string Name => "migration";

    public override string Description => "every second thread migrates folios of all processes, the others change their VMAs";

    public override IReadOnlyList<OperationKind> Kinds => [OperationKind.Migrate, OperationKind.Protect, OperationKind.Advise, OperationKind.Remap];

    internal override void Step(Worker worker)
    {
        if (Changes(worker))
            ChangeVma(worker);
        else
            worker.Migrate(worker.Any(), worker.Tree.PageOf(worker.AnyPage()));
    }
}
