using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Notes which address spaces map a page that has failed, so that their processes can be told. What it finds counts only if it is that of a process
/// in the list of all: <see cref="KeepProcesses"/>.
/// </summary>
/// <remarks>Kernel: collect_procs(), page_mapped_in_vma(), add_to_kill_anon_file().</remarks>
public sealed class CollectWalk : RmapWalk
{
    private readonly MmSystem _system;
    private readonly int _sub;

    [ThreadPrivate("the walk's thread")]
    private readonly HashSet<(MmStruct Mm, long Page)> _places = [];

    [ThreadPrivate("the walk's thread")]
    private readonly HashSet<MmStruct> _held = [];

    internal CollectWalk(MmSystem system, int sub) => (_system, _sub) = (system, sub);

    /// <summary>Where it is mapped.</summary>
    public IReadOnlySet<(MmStruct Mm, long Page)> Places => _places;

    /// <summary>The address spaces of all processes, for a design that goes through these. It is a reader of the machine's RCU meanwhile.</summary>
    public IEnumerable<MmStruct> AddressSpaces => _system.Processes!.AddressSpaces;

    /// <summary>
    /// Whether the design only visits places of processes that it has found in the list, which keeps them. Else an address space that is found
    /// needs a reference, or it might be another one's when it is compared with those in the list.
    /// </summary>
    [ThreadPrivate("the walk's thread")]
    public bool IsByProcess { get; set; }

    /// <summary>
    /// Forgets what is of no process: it is being made, or torn down. By who may sleep no more than the walk could: nothing of the reverse map is
    /// needed for it.
    /// </summary>
    public void KeepProcesses()
    {
        _system.Rcu.ReadLock();
        HashSet<MmStruct> listed = [.. AddressSpaces];
        _system.Rcu.ReadUnlock();
        _places.RemoveWhere(place => !listed.Contains(place.Mm));
        foreach (MmStruct mm in _held)
            mm.VmaLocks.Drop();
        _held.Clear();
    }

    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        // An entry that somebody has cleared, and not counted yet, is none of ours any more; one that is moving is waited for.
        PageWalk at = PageWalk.Mappings(this, folio, vma, page, waits: true);
        while (at.Next())
        {
            if (at.Huge is null && at.Pte.Sub != _sub)
                continue;
            if (!IsByProcess && _held.Add(at.Mm))
                at.Mm.VmaLocks.Grab();
            _places.Add((at.Mm, at.Huge is null ? at.Page : at.Page + _sub));
        }

        return true;
    }
}
