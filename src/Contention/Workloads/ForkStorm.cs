namespace RcuModel.Contention;

/// <summary>The server that forks its workers: each thread's process makes child after child, which writes some pages and ends.</summary>
internal sealed class ForkStorm : Workload
{
    public override string Name => "fork-storm";

    public override string Description => "each process makes child after child; a child writes its exclusive pages and ends";

    public override IReadOnlyList<OperationKind> Kinds => [OperationKind.Fork, OperationKind.Write, OperationKind.Exit];

    internal override void Step(Worker worker) => ForkWriteExit(worker);
}
