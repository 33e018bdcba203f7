using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

/// <summary>
/// Who walks the reverse map for a folio that has been isolated. What is changed meanwhile may keep him from what he wants, which is no
/// violation; the labels say whether he got it.
/// </summary>
internal sealed record Walker(string Name, string Words, string Succeeds, Action<MmScene, Folio> Walk)
{
    public static Walker Reclaim { get; } = new("reclaim", "reclaim of a page", "reclaimed", static (scene, folio) =>
        Execution.Reached("reclaimed", scene.System.Reclaim(folio, ignoreReferences: true) == ReclaimOutcome.Freed));

    public static Walker Migrate { get; } = new("migrate", "migration of a page", "migrated", static (scene, folio) =>
        Execution.Reached("migrated", scene.System.Migrate(folio) == MigrateOutcome.Moved));

    // The only walk that gives up rather than wait.
    public static Walker Age { get; } = new("age", "a look at how a page is used", "counted", static (scene, folio) =>
    {
        folio.Lock.Lock();
        int references = scene.System.CountReferences(folio);
        folio.Lock.Unlock();
        Execution.Reached("counted", references >= 0);
        scene.System.PutBack(folio);
    });

    public static IReadOnlyList<Walker> All { get; } = [Reclaim, Migrate, Age];

    /// <summary>Walks for an isolated folio while somebody else does something; what is left of the folio after both is reclaimed.</summary>
    /// <param name="scene">Where.</param>
    /// <param name="folio">The folio.</param>
    /// <param name="name">What the other one is called.</param>
    /// <param name="change">What he does.</param>
    public void Beside(MmScene scene, Folio folio, string name, Action change)
    {
        scene.Settle();
        Execution.Run((Name, () => Walk(scene, folio)), (name, change));
        scene.ReclaimLeftOver(folio);
    }
}
