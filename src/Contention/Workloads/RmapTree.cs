using RcuModel.Mm;

namespace RcuModel.Contention;

/// <summary>
/// Linux's own test of the reverse map: a tree of processes of height 5 with at most 3 children each. A process of any generation
/// migrates a page that all share, and then all must see it at the same place. Each thread has pages of its own.
/// </summary>
/// <remarks>Kernel: tools/testing/selftests/mm/rmap.c.</remarks>
internal sealed class RmapTree : Workload
{
    private const int Height = 5;
    private const int ChildrenMax = 3;

    public override string Name => "rmap-tree";

    public override string Description => "the tree of selftests/mm/rmap.c: any process migrates a page, then all must see the same folio";

    public override IReadOnlyList<OperationKind> Kinds => [OperationKind.Migrate];

    // Its height and width are the test's, and so is that nobody writes what he has inherited: the first child is always there.
    internal override int ChildrenAt(int depth, ContentionOptions options, ContentionRandom random) =>
        depth >= Height - 1 ? 0 : 1 + random.Below(ChildrenMax);

    internal override void Step(Worker worker)
    {
        ProcessTree tree = worker.Tree;
        int all = tree.PagesPerVma * tree.Options.Vmas;
        int number = ((worker.Random.Below(Math.Max(1, all / tree.Options.Threads)) * tree.Options.Threads) + worker.Number) % all;
        long page = tree.PageOf(number);
        worker.Migrate(worker.Any(), page);
        Folio? folio = null;
        for (int i = 0; i < tree.All.Count; i++)
        {
            Folio? seen = tree.All[i].EntryOf(page)?.Folio;
            if (i > 0 && seen != folio)
                throw new InvalidOperationException("a process of the tree does not see the folio that the first one sees");
            folio = seen;
        }
    }
}
