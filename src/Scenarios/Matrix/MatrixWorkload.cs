using RcuModel.Mm;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios;

// A family: p0, its children p1 to p3, and p4, a child of p1, all with the same mappings. Page 0 is shared by p0 and p3, page 1 by all.
// Locks are specifications, so to take one is one step, whatever it is made of.

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
        Walk("walk-few", "a walk for a page that the first process maps, and of its descendants one", static family => family.Few),
        WalkBeside("walk-beside-sibling", "the same walk, which gives up rather than wait, while another child of the first process moves memory", static family =>
            family.Sibling.Find(0)!),
        WalkBeside("walk-beside-elsewhere", "the same walk, while the first process moves memory that is elsewhere", static family => family.Root.Find(6)!),
        Change("fork", "a fork", static family => family.Fork("p5", family.Root)),
        Change("move", "mremap of one page", static family => MmScene.Require(family.Root.Remap(1, 1, 1, 4))),
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

    // What is changed is kept in the middle of the change; it has nothing to do with the page that is looked for.
    private static MatrixWorkload WalkBeside(string name, string words, Func<Family, Vma> moving) => new(name, words, (design, does) =>
    {
        var family = new Family(design);
        IReverseMap map = family.Scene.System.ReverseMap;
        Vma vma = moving(family);
        MmStruct mm = vma.Mm.ReadOnce()!;
        var walk = new EntryWalk { TryLock = true };
        family.Few.Lock.Lock();
        mm.WriteLock();
        vma.Lock.StartWrite();
        map.LockForMove(vma, vma);
        if (does)
            map.Walk(family.Few, walk);
        map.UnlockAfterMove(vma);
        mm.WriteUnlock();
        family.Few.Lock.Unlock();
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
            MmScene.Require(Root.Write(0, MmScene.Written));
            MmScene.Require(Root.Write(1, MmScene.Written));

            // Elsewhere, with a mapping of its own.
            MmScene.Require(Root.Map(6, 2, VmFlags.Read | VmFlags.Write | VmFlags.Exec));
            MmScene.Require(Root.Write(6, MmScene.Written));
            MmStruct child = Scene.Fork("p1");
            Sibling = Scene.Fork("p2");
            Scene.Fork("p3");
            _grandchild = Scene.Fork("p4", child);
            MmScene.Require(Root.Write(2, MmScene.Written));
            MmScene.Require(_grandchild.Write(3, MmScene.Written));

            // Written before the forks, and then by all but one of the descendants, which have their own since.
            foreach (MmStruct other in (MmStruct[])[child, Sibling, _grandchild])
                MmScene.Require(other.Write(0, MmScene.Written));
        }

        public MmScene Scene { get; }

        public MmStruct Root => Scene.P0;

        public Folio Shared => Root.EntryOf(1)!.Folio!;

        public MmStruct Sibling { get; }

        public Folio Few => Root.EntryOf(0)!.Folio!;

        public Folio Own => Root.EntryOf(2)!.Folio!;

        public Folio Leaf => _grandchild.EntryOf(3)!.Folio!;

        public void Fork(string name, MmStruct parent) => Scene.Fork(name, parent);

        public void Exit() => Scene.Exit(_grandchild);
    }
}
