using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios;

// A family: p0, its children p1 to p3, and p4, a child of p1, all with the same four pages, of which page 1 is written and shared. Locks
// are specifications, so to take one is one step, whatever it is made of.

/// <summary>Something that one thread does, alone, so that what it costs a design can be counted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Words">One line on what it is.</param>
/// <param name="Body">
/// Builds a machine, and does it if asked to: what differs between the two is what it costs. Gives the walk, if it is one. The machine is
/// left as it is, so this is to be counted, not explored.
/// </param>
public sealed record MatrixWorkload(string Name, string Words, Func<Alternative, bool, RmapWalk?> Body)
{
    /// <summary>All workloads.</summary>
    public static IReadOnlyList<MatrixWorkload> All { get; } =
    [
        Walk("walk-shared", "a walk for a page that all five processes map", static family => family.Shared),
        Walk("walk-own", "a walk for a page that only the first process maps", static family => family.Own),
        Walk("walk-leaf", "a walk for a page that only a grandchild maps", static family => family.Leaf),
        Change("fork", "a fork", static family => family.Fork("p5", family.Root)),
        Change("move", "mremap of one page", static family => MmScene.Require(family.Root.Remap(1, 1, 1, 6))),
        Change("protect", "mprotect of a part", static family => MmScene.Require(family.Root.Protect(1, 1, VmFlags.Read))),
        Change("unmap", "munmap", static family => MmScene.Require(family.Root.Unmap(0, 4))),
        Change("exit", "exit of the grandchild", static family => family.Exit()),
    ];

    private static MatrixWorkload Walk(string name, string words, Func<Family, Folio> folio) => new(name, words, (design, does) =>
    {
        var family = new Family(design);
        var walk = new EntryWalk();
        Folio of = folio(family);
        of.Lock.Lock();
        if (does)
            family.Scene.System.ReverseMap.Walk(of, walk);
        of.Lock.Unlock();
        return walk;
    });

    private static MatrixWorkload Change(string name, string words, Action<Family> change) => new(name, words, (design, does) =>
    {
        var family = new Family(design);
        if (does)
            change(family);
        return null;
    });

    private sealed class Family
    {
        private readonly MmStruct _grandchild;

        public Family(Alternative design)
        {
            Scene = new MmScene(design);
            MmScene.Require(Root.Map(0, 4));
            MmScene.Require(Root.Write(1, MmScene.Written));
            MmStruct child = Scene.Fork("p1");
            Scene.Fork("p2");
            Scene.Fork("p3");
            _grandchild = Scene.Fork("p4", child);
            MmScene.Require(Root.Write(2, MmScene.Written));
            MmScene.Require(_grandchild.Write(3, MmScene.Written));
        }

        public MmScene Scene { get; }

        public MmStruct Root => Scene.P0;

        public Folio Shared => Root.EntryOf(1)!.Folio!;

        public Folio Own => Root.EntryOf(2)!.Folio!;

        public Folio Leaf => _grandchild.EntryOf(3)!.Folio!;

        public void Fork(string name, MmStruct parent) => Scene.Fork(name, parent);

        public void Exit() => Scene.Exit(_grandchild);
    }
}
