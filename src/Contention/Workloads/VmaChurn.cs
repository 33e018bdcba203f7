namespace RcuModel.Contention;

/// <summary>Each thread changes VMAs of its own process, all of which were inherited: parts are protected and advised, wholes are moved.</summary>
internal sealed class VmaChurn : Workload
{
    public override string Name => "vma-churn";

    public override string Description => "each process splits and moves VMAs that it has inherited";

    public override IReadOnlyList<OperationKind> Kinds => [OperationKind.Protect, OperationKind.Advise, OperationKind.Remap];

    internal override void Step(Worker worker) => ChangeVma(worker);
}
