using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// A small machine with one process, p0, of eight pages in four page tables. At its end everything that is left must agree with everything
/// else, the processes go, and nothing may be left over.
/// </summary>
public sealed class MmScene
{
    /// <summary>What is written to a page unless the scenario says otherwise.</summary>
    public const long Written = 7;

    private readonly MmSystem _system;

    [ThreadPrivate("the body, when its threads are not running")]
    private readonly List<MmStruct> _all = [];

    [ThreadPrivate("the thread that has processes end, and the body when its threads are not running")]
    private readonly List<MmStruct> _ended = [];

    /// <summary>Creates it.</summary>
    /// <param name="design">The design of its reverse map.</param>
    /// <param name="bugs">What the model gets wrong.</param>
    public MmScene(Alternative design, Bugs bugs = Bugs.None)
        : this(design, new MmConfig { Bugs = bugs })
    {
    }

    /// <summary>Creates it with today's design and choices of the scenario's own; its sizes are those of all scenes.</summary>
    /// <param name="config">The choices.</param>
    public MmScene(MmConfig config)
        : this(Alternative.AnonVma, config)
    {
    }

    /// <summary>Creates it with choices of the scenario's own; its sizes are those of all scenes.</summary>
    /// <param name="design">The design of its reverse map.</param>
    /// <param name="config">The choices.</param>
    public MmScene(Alternative design, MmConfig config)
    {
        _system = new MmSystem(
            config with
            {
                EntriesPerTable = 2,
                TablesPerMm = 4,
                MapleCapacity = MapleTree.CapacityMin,
                TableFreeing = config.ReclaimsTables ? TableFreeing.AfterGracePeriod : design.Tables,
            },
            design.Create());
        P0 = MmStruct.Create(_system, "p0")!;
        _all.Add(P0);
    }

    /// <summary>Creates one with large folios: where they are wanted, two pages are one, as many as a table has entries.</summary>
    /// <param name="bugs">What the model gets wrong.</param>
    /// <param name="cpus">How many processors have TLBs.</param>
    /// <param name="design">The design of its reverse map; null for today's.</param>
    public static MmScene WithLargeFolios(Bugs bugs = Bugs.None, int cpus = 0, Alternative? design = null) =>
        new(design ?? Alternative.AnonVma, new MmConfig { Bugs = bugs, Cpus = cpus, LargeFolios = true, FaultSizes = 2 });

    /// <summary>Creates one whose process has two equal pages, 0 and 1, which KSM has come by a number of times; after two they are one.</summary>
    /// <param name="rounds">How often KSM has come by.</param>
    /// <param name="config">Choices of the scenario's own; null for none.</param>
    /// <param name="design">The design of its reverse map; null for today's.</param>
    public static MmScene WithEqualPages(int rounds, MmConfig? config = null, Alternative? design = null)
    {
        var scene = new MmScene(design ?? Alternative.AnonVma, (config ?? new MmConfig()) with { SharesEqualPages = true });
        Require(scene.P0.Map(0, 2));
        Require(scene.P0.Advise(0, 2, Advice.Mergeable));
        Require(scene.P0.Write(0, Written));
        Require(scene.P0.Write(1, Written));
        for (int i = 0; i < rounds; i++)
            scene.System.Ksm!.Scan();
        return scene;
    }

    /// <summary>The machine.</summary>
    public MmSystem System => _system;

    /// <summary>The process.</summary>
    public MmStruct P0 { get; }

    /// <summary>The process that was forked last when no threads were running, or null.</summary>
    [ThreadPrivate("the body, when its threads are not running")]
    public MmStruct? Child { get; private set; }

    /// <summary>Has p0, or another process, fork, when no threads are running.</summary>
    public MmStruct Fork(string name, MmStruct? parent = null)
    {
        MmStruct child = (parent ?? P0).Fork(name, out Errno errno)!;
        Require(errno);
        _all.Add(child);
        Child = child;
        return child;
    }

    /// <summary>Takes in a process that a thread has forked, when that has ended.</summary>
    public void Adopt(MmStruct child) => _all.Add(child);

    /// <summary>Takes in all processes that a thread has forked, when that has ended.</summary>
    public void Adopt(IEnumerable<MmStruct> children) => _all.AddRange(children);

    /// <summary>Reclaims what a page of p0 has, if it can be had, however lately it was used.</summary>
    public void Reclaim(long page)
    {
        if (P0.Isolate(page) is { } folio)
            System.Reclaim(folio, ignoreReferences: true);
    }

    /// <summary>Migrates what a page of p0 has, if it can be had.</summary>
    public void Migrate(long page)
    {
        if (P0.Isolate(page) is { } folio)
            System.Migrate(folio);
    }

    /// <summary>Splits the folio that a page of p0 has, if it is large and can be had.</summary>
    public SplitOutcome? Split(long page) => P0.Isolate(page) is { } folio ? Split(folio) : null;

    /// <summary>The same of a folio that is isolated.</summary>
    public SplitOutcome? Split(Folio folio)
    {
        folio.Lock.Lock();
        SplitOutcome? outcome = folio.IsLarge ? System.Split(folio) : null;
        folio.Lock.Unlock();
        System.PutBack(folio);
        return outcome;
    }

    /// <summary>Has a process end. At most one thread of a scenario does.</summary>
    public void Exit(MmStruct mm)
    {
        _ended.Add(mm);
        mm.VmaLocks.Grab();
        mm.Put();
    }

    /// <summary>
    /// Waits until processes that have ended are torn down: a walker that was a user of one may have put that off. When no threads are
    /// running.
    /// </summary>
    public void AwaitEnds()
    {
        foreach (MmStruct mm in _ended)
        {
            _all.Remove(mm);
            mm.ReverseMapState.AwaitEqual(null);
            mm.VmaLocks.Drop();
        }

        _ended.Clear();
        Settle();
    }

    /// <summary>
    /// Waits until what goes after a grace period has gone, when no threads are running. Otherwise the grace periods of what was done before
    /// would be in any order with what the threads do, and those of what they did with the checks behind it, of which nothing can come but more
    /// executions.
    /// </summary>
    public void Settle()
    {
        if (_system.ReverseMap.LooksUpVmas || _system.MemoryFailure is not null)
            _system.Rcu.Barrier();
    }

    /// <summary>
    /// Takes away a folio that reclaim has left in the swap cache although nothing refers to it any more, as the next round of reclaim would.
    /// When no threads are running.
    /// </summary>
    public void ReclaimLeftOver(Folio folio)
    {
        AwaitEnds();
        if (!folio.IsFreed && !folio.IsMapped && folio.Isolate())
            _system.Reclaim(folio, ignoreReferences: true);
    }

    /// <summary>Asserts that an operation succeeds.</summary>
    public static void Require(Errno errno) => Execution.Assert(errno == Errno.None, "the operation succeeds");

    /// <summary>Asserts that a page still has in it what was written.</summary>
    public static void Has(MmStruct mm, long page, long value = Written)
    {
        Require(mm.Read(page, out long content));
        Execution.Assert(content == value, "what was written to a page is read from it");
    }

    /// <summary>Asserts that all agrees, before and after what is left is used, and ends the machine.</summary>
    /// <param name="use">Uses what is left.</param>
    public void End(Action use)
    {
        AwaitEnds();
        MmOracle.Check(_all);
        use();
        MmOracle.Check(_all);
        foreach (MmStruct mm in _all)
        {
            mm.Put();
            Settle();
        }

        _system.Dispose();
    }
}
