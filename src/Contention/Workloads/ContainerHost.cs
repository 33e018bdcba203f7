namespace RcuModel.Contention;

/// <summary>
/// A host of containers, whose processes all come from one: mostly they use their pages, sometimes they change VMAs or fork, and now and
/// then the host reclaims and migrates.
/// </summary>
internal sealed class ContainerHost : Workload
{
    public override string Name => "container-host";

    public override string Description => "a mix: 70 of 100 loads and stores, 15 changes of VMAs, 5 forks, 5 reclaims, 5 migrations";

    public override IReadOnlyList<OperationKind> Kinds =>
    [
        OperationKind.Read, OperationKind.Write, OperationKind.Fork, OperationKind.Exit, OperationKind.Protect, OperationKind.Advise,
        OperationKind.Remap, OperationKind.Reclaim, OperationKind.Migrate,
    ];

    internal override void Step(Worker worker)
    {
        int dice = worker.Random.Below(100);
        if (dice < 45)
            worker.Read(worker.Own, worker.OwnPage(worker.AnyPage()));
        else if (dice < 70)
            worker.Write(worker.Own, worker.OwnPage(worker.AnyPage()), dice);
        else if (dice < 85)
            ChangeVma(worker);
        else if (dice < 90)
            ForkWriteExit(worker);
        else if (dice < 95)
            worker.Reclaim(worker.Any(), worker.Tree.PageOf(worker.AnyPage()));
        else
            worker.Migrate(worker.Any(), worker.Tree.PageOf(worker.AnyPage()));
    }
}
