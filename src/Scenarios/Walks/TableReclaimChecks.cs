using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// madvise frees a page table that it has emptied, with the mmap lock held for reading at most, beside others who look for entries in that
/// table: they find that it is gone, or that it is there and theirs.
/// </summary>
internal static class TableReclaimChecks
{
    private static readonly IReadOnlyList<PairOperation> s_others =
    [
        .. from operation in PairOperation.All
           where operation.Name is "write" or "fork" or "reclaim" or "migrate" or "pageout" or "dontneed" or "uffdmove" or "move" or "unmap"
           select operation,
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from other in s_others
           select new Scenario(
               $"table-reclaim-{other.Name}", "mm", $"madvise frees a page table that it has emptied beside {other.Name}", () => Run(other))
           {
               MustReach = ["the table was freed"],
           },
    ];

    private static void Run(PairOperation other)
    {
        var scene = new MmScene(new MmConfig { ReclaimsTables = true });
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 6));
        MmScene.Require(mm.Write(1, MmScene.Written));
        Execution.Run(
            ("madvise", () => mm.Advise(0, 2, Advice.DontNeed)),
            (other.Name, () => other.Make(scene)));
        Execution.Reached("the table was freed", mm.Tables[0].ReadOnce() is null);
        scene.End(() =>
        {
            for (long page = 0; page < 6; page++)
            {
                if (mm.Lookup(page) is null)
                    continue;
                MmScene.Require(mm.Read(page, out long value));
                Execution.Assert(value is 0 or MmScene.Written or MmScene.Written + 1, "nothing is in a page that nobody wrote to it");
            }
        });
    }
}
