namespace RcuModel.Contention;

/// <summary>What threads do over and over again, on the processes of a tree. It keeps nothing: one object serves all runs.</summary>
public abstract class Workload
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new ForkStorm(), new ExitStorm(), new ReclaimUnderPressure(), new MigrationSweep(), new KhugepagedSweep(), new VmaChurn(),
        new ContainerHost(), new RmapTree(),
    ];

    /// <summary>What the command line calls it.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in one line.</summary>
    public abstract string Description { get; }

    /// <summary>The kinds of operation that it is about, the first most of all.</summary>
    public abstract IReadOnlyList<OperationKind> Kinds { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Whether it makes large folios, so that page tables and VMAs must be laid out for them.</summary>
    internal virtual bool Collapses => false;

    /// <summary>How many children a process of the tree has.</summary>
    internal virtual int ChildrenAt(int depth, ContentionOptions options, ContentionRandom random) => depth < options.Depth ? options.Width : 0;

    /// <summary>One round of one thread. When it returns, the thread has no process but its own.</summary>
    internal abstract void Step(Worker worker);

    /// <summary>
    /// Whether a thread is one of those that change address spaces, where the others walk. If there is one thread only, it is both by turns.
    /// </summary>
    private protected static bool Changes(Worker worker) =>
        worker.Tree.Options.Threads == 1 ? worker.Random.Below(2) == 0 : worker.Number % 2 == 0;

    /// <summary>A child comes, writes a share of its pages, and goes.</summary>
    private protected static void ForkWriteExit(Worker worker)
    {
        Mm.MmStruct child = worker.Fork(worker.Own);
        int pages = worker.Tree.PagesPerVma * worker.Tree.Options.Vmas;
        for (int number = 0; number < pages; number++)
        {
            if (Spread.Hits(number, worker.Tree.Options.Exclusive))
                worker.Write(child, worker.OwnPage(number), number);
        }

        worker.Exit(child);
    }

    /// <summary>A change of a VMA of the thread's process: a move so many times of a hundred, else a protection or an advice.</summary>
    private protected static void ChangeVma(Worker worker)
    {
        if (worker.Random.Percent(worker.Tree.Options.Remaps))
            worker.Remap();
        else if (worker.Random.Below(2) == 0)
            worker.Protect();
        else
            worker.Advise();
    }
}
