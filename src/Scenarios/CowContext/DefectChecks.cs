using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>Defects of the proposal's first code that no hazard of <see cref="HazardChecks"/> is, and that no result of one thread shows.</summary>
internal static class DefectChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Broken("cow-wait-in-reader", "a munmap frees an array of offsets, and waits for that as a reader", static () => Unmap(CowBugs.FreesInReader)),
        Broken(
            "cow-sleep-in-spinlock", "a remap table allocates under its spinlock as if it could sleep",
            static () => Unmap(CowBugs.AllocatesUnderSpinlock)),
        Broken(
            "cow-two-words", "a folio's context is stored behind its mapping, and somebody reads both in between",
            static () => SetAnon(CowBugs.MappingInTwoWords)),
        new("cow-one-word", "cow-context", "a folio's mapping and context are one word", static () => SetAnon(CowBugs.None))
        {
            Executions = 4,
            TooLargeForTso = true,
            MustReach = ["not anonymous yet", "in a context"],
        },
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static void Unmap(CowBugs bugs)
    {
        var test = new TestedContexts(new Unstabilised(), bugs);
        TestedContexts.Written(test.First, 1, 1, 1);
        TestedContexts.Must(test.First.Remap(1, 1, 1, 5));
        TestedContexts.Must(test.First.Unmap(5, 1));
        test.Settle();
    }

    private static void SetAnon(CowBugs bugs)
    {
        var test = new TestedContexts(new Unstabilised(), bugs);
        TestedContexts.Written(test.First, 1, 2, 1);
        Vma vma = test.First.Lookup(2)!;
        var folio = new Folio(test.System, "page");
        Execution.Run(
            () =>
            {
                bool isAnon = folio.Mapping.ReadOnce() is { IsAnon: true };
                Execution.Assert(!isAnon || CowContextMap.Of(folio) is not null, "an anonymous folio has a context");
                Execution.Reached(isAnon ? "in a context" : "not anonymous yet");
            },
            () => test.System.ReverseMap.SetAnon(folio, vma, 2, exclusive: true));
        test.System.PutFolio(folio);
        test.Settle();
    }
}
