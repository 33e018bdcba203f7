namespace RcuModel.Contention;

/// <summary>
/// Many processes end one after the other: each thread makes a chain of descendants, each the child of the last, and ends the oldest
/// first, so that what a parent had is still needed below it.
/// </summary>
internal sealed class ExitStorm : Workload
{
    public override string Name => "exit-storm";

    public override string Description => "each process makes a chain of descendants, which end the oldest first";

    public override IReadOnlyList<OperationKind> Kinds => [OperationKind.Exit, OperationKind.Fork];

    internal override void Step(Worker worker)
    {
        Mm.MmStruct parent = worker.Own;
        for (int i = 0; i < worker.Children.Length; i++)
        {
            parent = worker.Fork(parent);
            worker.Children[i] = parent;
            worker.Write(parent, worker.OwnPage(i % (worker.Tree.PagesPerVma * worker.Tree.Options.Vmas)), i);
        }

        for (int i = 0; i < worker.Children.Length; i++)
        {
            worker.Exit(worker.Children[i]!);
            worker.Children[i] = null;
        }
    }
}
