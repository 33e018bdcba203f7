using RcuModel.AnonVmas;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.AnonVmas;

/// <summary>
/// A small machine with VMAs that only the reverse map knows, and folios that no page table has: locks are made of their own memory
/// accesses, and what is explored is what anon_vmas are made of.
/// </summary>
internal sealed class TestedAnonVmas : IDisposable
{
    public const int PagesPerVma = 4;

    private readonly MmSystem _system;
    private readonly MmStruct _mm;

    public TestedAnonVmas(Bugs bugs = Bugs.None, KernelRules? rules = null)
    {
        _system = new MmSystem(
            new MmConfig
            {
                EntriesPerTable = PagesPerVma,
                TablesPerMm = 16,
                MapleCapacity = MapleTree.CapacityMin,
                Grain = Grain.Accesses,
                Rules = rules ?? KernelRules.V6_18,
                Bugs = bugs,
            },
            Map);
        _mm = MmStruct.Create(_system, "p0")!;
    }

    public AnonVmaMap Map { get; } = new();

    public GrainRcu Rcu => _system.Rcu;

    /// <summary>A VMA that has had no fault.</summary>
    public Vma Add(long start) =>
        _system.Vmas.Allocate(_mm, start, start + PagesPerVma, PageOffsets.Anonymous(start), VmFlags.Read | VmFlags.Write)!;

    /// <summary>The VMA that a child has for one.</summary>
    public Vma Fork(Vma parent)
    {
        Vma child = Add(parent.Start.ReadOnce());
        Map.Fork(child, parent);
        return child;
    }

    /// <summary>A folio that the first page of a VMA maps from now on.</summary>
    public Folio Fault(Vma vma)
    {
        Map.Prepare(vma);
        var folio = new Folio(_system, "page");
        Map.SetAnon(folio, vma, vma.Start.ReadOnce(), exclusive: true);

        // Release: whoever finds it mapped finds whose it is.
        folio.MapCount.StoreRelease(1);
        return folio;
    }

    /// <summary>Takes away the last mapping of a folio, and then the VMA.</summary>
    public void Unmap(Folio folio, Vma vma)
    {
        folio.MapCount.FetchAdd(-1);
        Map.Unlink(vma);
    }

    /// <summary>
    /// Locks a folio's anon_vma as a walk does, and checks that the VMA where it is mapped would be found. The anon_vma, which nobody
    /// has locked any more; null if nothing maps the folio.
    /// </summary>
    public AnonVma? LookUp(Folio folio)
    {
        AnonVma? found = Map.LockForWalk(folio, new Look());
        if (found is not null)
            Leave(found, folio);
        return found;
    }

    /// <summary>Checks that the VMA where a folio is mapped is in the tree of what was locked, and gives the lock back.</summary>
    public static void Leave(AnonVma locked, Folio folio)
    {
        ulong index = (ulong)folio.Index.ReadOnce();
        Execution.Assert(locked.Tree.Overlaps(index, index), "the VMA of a mapped folio is in the tree of the anon_vma that was locked for it");
        locked.UnlockRead();
    }

    public void Dispose() => _system.Dispose();
}
