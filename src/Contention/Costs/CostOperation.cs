using RcuModel.Mm;

namespace RcuModel.Contention;

/// <summary>An operation of workloads whose costs are counted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prepare">What comes before it and does not count.</param>
/// <param name="Once">The operation.</param>
/// <param name="Clean">What comes after it and does not count.</param>
internal sealed record CostOperation(string Name, Action<CostOperation.Actor> Prepare, Action<CostOperation.Actor> Once, Action<CostOperation.Actor> Clean)
{
    public const string Fork = "fork";
    public const string Exit = "exit";
    public const string Protect = "mprotect, there and back";
    public const string Count = "count references of a folio";
    public const string Migrate = "migrate a folio";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CostOperation> All { get; } =
    [
        new(Fork, Nothing, static actor => actor.Fork(), static actor => actor.Exit()),
        new(Exit, static actor => actor.Fork(), static actor => actor.Exit(), Nothing),
        new("write a page that is shared", static actor => actor.Fork(), static actor => actor.WriteShared(), static actor => actor.Exit()),
        new(Protect, Nothing, static actor => actor.Worker.Protect(), Nothing),
        new("mremap", Nothing, static actor => actor.Worker.Remap(), Nothing),
        new(Count, Nothing, static actor => actor.CountReferences(), Nothing),
        new(Migrate, Nothing, static actor => actor.Migrate(), Nothing),
    ];

    /// <summary>Whether it walks, and does nothing with VMAs else: whatever locks them then does it for the reverse map.</summary>
    public bool OnlyWalks => Name is Count or Migrate;

    private static void Nothing(Actor actor)
    {
    }

    /// <summary>Who does it: a thread with its process, and folios that another one does not use.</summary>
    internal sealed class Actor(ProcessTree tree, int number)
    {
        private readonly Stack<MmStruct> _children = new();

        // Of the first process, and one that nobody else has written: see Spread.
        private readonly long _page = tree.PageOf(2 * number);

        public Worker Worker { get; } = new(tree, number, tree.Options.Seed);

        public void Fork() => _children.Push(Worker.Fork(Worker.Own));

        public void Exit() => Worker.Exit(_children.Pop());

        public void WriteShared() => Worker.Write(_children.Peek(), Worker.OwnPage(2 * Worker.Number), 1);

        public void CountReferences()
        {
            Folio folio = tree.All[0].EntryOf(_page)!.Folio!;
            folio.Lock.Lock();
            _ = tree.System.CountReferences(folio);
            folio.Lock.Unlock();
        }

        public void Migrate() => Worker.Migrate(tree.All[0], _page);
    }
}
