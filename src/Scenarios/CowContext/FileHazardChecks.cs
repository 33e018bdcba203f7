using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>
/// H19 with private mappings of a file. Where copies of a file's pages have the index of the pages, each mapping is in the remap table from its
/// first fault on, which holds the mmap lock for reading, as a munmap that has gone on does. Where they have an index of their own, nothing
/// is in the table, and nobody changes it.
/// </summary>
internal static class FileHazardChecks
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    private const string Words = "a first store to a mapping of a file and a munmap of another";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        HazardScenario.None("h19-file", $"{Words} change a remap table at once", FaultAndUnmap, CowBugs.TableUnlocked),
        HazardScenario.Fixed("h19-file", $"{Words} change a remap table under its lock", FaultAndUnmap, 80),
        HazardScenario.Locked("h19-file", Words, FaultAndUnmap, 72),
        HazardScenario.Fixed(
            "h19-file-anon-offsets", $"{Words}, indexed apart: no remap table",
            static (stabilisation, _) => FaultAndUnmap(stabilisation, CowBugs.TableUnlocked, KernelRules.MmUnstable), 50),
    ];

    private static void FaultAndUnmap(IStabilisation stabilisation, CowBugs bugs) => FaultAndUnmap(stabilisation, bugs, KernelRules.V6_18);

    // Page 0 of the file is at 5 and at 9, and is copied at 5 already.
    private static void FaultAndUnmap(IStabilisation stabilisation, CowBugs bugs, KernelRules rules)
    {
        var test = new TestedContexts(stabilisation, bugs, new MmConfig { Rules = rules });
        MmStruct mm = test.First;
        var file = new MappedFile(test.System, 1);
        TestedContexts.Must(mm.MapFile(5, 1, ReadWrite, file, 0));
        TestedContexts.Must(mm.Write(5, 1));
        TestedContexts.Must(mm.MapFile(9, 1, ReadWrite, file, 0));
        Execution.Run(
            ("fault", () => TestedContexts.Must(mm.Write(9, 2))),
            ("munmap", () => TestedContexts.Must(mm.Unmap(5, 1))));
        test.Settle();
    }
}
