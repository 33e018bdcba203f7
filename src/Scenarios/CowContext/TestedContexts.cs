using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>
/// A small machine with the proposal: page tables of four entries, trees with nodes of four slots, and locks that are specifications.
/// The first process is p0.
/// </summary>
internal sealed class TestedContexts
{
    [ThreadPrivate("the body, and while threads run the one of them that makes and ends processes")]
    private readonly List<MmStruct> _mms = [];

    [ThreadPrivate("the body, and while threads run the one of them that makes and ends processes")]
    private bool _exits;

    public TestedContexts(IStabilisation stabilisation, CowBugs bugs = CowBugs.None, MmConfig? choices = null)
    {
        MmConfig config = (choices ?? new MmConfig()) with
        {
            EntriesPerTable = 4,
            TablesPerMm = 4,
            MapleCapacity = MapleTree.CapacityMin,
            Grain = Grain.Locks,
            FaultsUnderVmaLock = false,
        };
        System = new MmSystem(config, new CowContextMap(stabilisation, bugs));
        First = Add("p0");
    }

    public MmSystem System { get; }

    public MmStruct First { get; }

    /// <summary>A process that is nobody's child.</summary>
    public MmStruct Add(string name)
    {
        MmStruct? mm;
        while ((mm = MmStruct.Create(System, name)) is null)
        {
            // It lacked memory, which happens so many times at most.
        }

        _mms.Add(mm);
        return mm;
    }

    public MmStruct Fork(MmStruct parent, string name)
    {
        MmStruct child = parent.Fork(name, out Errno errno)!;
        Must(errno);
        _mms.Add(child);
        return child;
    }

    /// <summary>It exits.</summary>
    public void Exit(MmStruct mm)
    {
        _mms.Remove(mm);
        _exits = true;
        mm.Put();
    }

    /// <summary>A page that has been written, in a mapping of so many pages.</summary>
    public static Folio Written(MmStruct mm, long start, long pages, long page)
    {
        Must(mm.Map(start, pages));
        Must(mm.Write(page, 1));
        return mm.EntryOf(page)!.Folio!;
    }

    public static void Must(Errno errno) => Execution.Assert(errno == Errno.None, "what a scenario does succeeds");

    /// <summary>Does something again until it is not for lack of memory that it fails.</summary>
    public static void Insist(Func<Errno> operation)
    {
        Errno errno;
        do
            errno = operation();
        while (errno == Errno.ENOMEM);
        Must(errno);
    }

    /// <summary>Looks for a folio that is mapped throughout, with its lock held, and must find it.</summary>
    public void MustFind(Folio folio)
    {
        var walk = new EntryWalk();
        folio.Lock.Lock();
        System.ReverseMap.Walk(folio, walk);
        folio.Lock.Unlock();
        Execution.Assert(walk.Found > 0, "a folio that is mapped throughout a walk is found");
        foreach ((MmStruct mm, long page) in walk.Places)
            Execution.Reached($"found at {mm.Name}:{page}");
    }

    /// <summary>Looks for a folio that the caller holds, and may not find it.</summary>
    public void Look(Folio folio)
    {
        var walk = new EntryWalk();
        folio.Lock.Lock();
        System.ReverseMap.Walk(folio, walk);
        folio.Lock.Unlock();
        Execution.Reached("found", walk.Found > 0);
        Execution.Reached("not found", walk.Found == 0);
    }

    /// <summary>Migrates a folio if nobody else has it. Something keeps it there: a place that stays, or a reference.</summary>
    public void Migrate(Folio folio)
    {
        if (folio.Isolate())
            MigrateIsolated(folio);
    }

    /// <summary>Migrates a folio that the caller has isolated.</summary>
    public void MigrateIsolated(Folio folio)
    {
        MigrateOutcome outcome = System.Migrate(folio);
        Execution.Reached("migrated", outcome == MigrateOutcome.Moved);
        Execution.Reached("not migrated", outcome != MigrateOutcome.Moved);
    }

    /// <summary>
    /// When all threads have ended: nothing of a migration is left, and each folio is found wherever it is mapped. Then all processes exit.
    /// </summary>
    public void Settle()
    {
        var mapped = new List<(Folio Folio, MmStruct Mm, long Page)>();
        foreach (MmStruct mm in _mms)
        {
            for (long page = 0; page < System.Config.Pages; page++)
            {
                if (mm.EntryOf(page) is not { } entry)
                    continue;
                Execution.Assert(entry.Kind != PteKind.Migration, "no migration entry is left behind");
                if (entry.Kind == PteKind.Present && entry.Folio != System.ZeroFolio)
                    mapped.Add((entry.Folio!, mm, page));
            }
        }

        foreach ((Folio folio, MmStruct mm, long page) in mapped)
        {
            int count = mapped.Count(other => other.Folio == folio);

            // Who exits may not be done yet: if a walker was the last to use the mm, somebody else tears it down.
            Execution.Assert(
                _exits ? folio.MapCount.ReadOnce() >= count : folio.MapCount.ReadOnce() == count,
                "a folio's mapcount is the number of entries that map it");
            var walk = new EntryWalk();
            System.ReverseMap.Walk(folio, walk);
            Execution.Assert(walk.Places.Contains((mm, page)), "a folio is found wherever it is mapped");
        }

        End();
    }

    /// <summary>When all threads have ended: all that is said of pages agrees, large folios included. Then all processes exit.</summary>
    public void SettleLarge()
    {
        MmOracle.Check(_mms);
        End();
    }

    /// <summary>All processes exit, so that what is left then has leaked.</summary>
    public void End()
    {
        foreach (MmStruct mm in _mms)
            mm.Put();
        System.Dispose();
    }
}
