using RcuModel.Exploration;
using RcuModel.Primitives;
using StepKind = RcuModel.Primitives.OperationKind;

namespace RcuModel.Contention;

/// <summary>
/// What one operation costs in steps of its thread, counted in one execution under the explorer: the same on any machine.
/// </summary>
/// <param name="Atomics">Atomic read-modify-writes, those of locks among them.</param>
/// <param name="Writes">Writes to cells, those of locks among them.</param>
/// <param name="SharedWrites">Those to cells that the same operation of another process uses too, so that their lines move between CPUs.</param>
/// <param name="Waits">Grace periods that are waited for.</param>
/// <param name="Steps">All steps, where to take a lock is one.</param>
/// <param name="Under">Of them, how many were under a lock of each class.</param>
public sealed record StepCost(int Atomics, int Writes, int SharedWrites, int Waits, int Steps, IReadOnlyList<StepCost.UnderLock> Under)
{
    // Small enough that one execution has no more steps than the explorer counts.
    private const int Width = 2;
    private const int Depth = 2;
    private const int Vmas = 2;
    private const int Pages = 8;

    // A sleeping lock at lock grain has one, so that writers come in turn.
    private const string QueueOfWriters = ".writers";

    private const string Mark = "operation ends";

    /// <summary>The tree in which steps are counted, in words.</summary>
    public static string Sizes => $"{1 + Width + (Width * Width)} processes of {Vmas} VMAs with {Pages} pages";

    internal static StepCost Of(ContentionDesign design, CostOperation operation, ContentionOptions options)
    {
        options = options with { Width = Width, Depth = Depth, Vmas = Vmas, Pages = Pages };
        (IReadOnlyList<ObservedStep> accesses, IReadOnlyList<ObservedStep> others) = Observe(design, operation, options, Grain.Accesses);
        (IReadOnlyList<ObservedStep> steps, _) = Observe(design, operation, options, Grain.Locks);
        var used = others.Select(static step => step.Place).ToHashSet(StringComparer.Ordinal);
        StepCounts inside = StepCounts.Of(accesses);
        StepCounts outside = StepCounts.Of(steps);
        return new StepCost(
            inside.Atomics, inside.Writes, accesses.Count(step => step.Writes && used.Contains(step.Place)), outside.Waits, outside.Steps,
            [.. UnderLocks(steps).OrderBy(static one => one.Name, StringComparer.Ordinal).ThenBy(static one => one.IsRead)]);
    }

    // What the first of two processes did, and what the second did after it.
    private static (IReadOnlyList<ObservedStep> First, IReadOnlyList<ObservedStep> Second) Observe(
        ContentionDesign design, CostOperation operation, ContentionOptions options, Grain grain)
    {
        IReadOnlyList<ObservedStep> all = Explorer.Observe(() =>
        {
            var mark = new Cell<int>(0, Mark);
            var tree = new ProcessTree(design, options, static depth => depth < Depth ? Width : 0, grain: grain);
            CostOperation.Actor[] actors = [new(tree, 0), new(tree, 1)];
            foreach (CostOperation.Actor actor in actors)
                operation.Prepare(actor);
            mark.WriteOnce(1);
            foreach (CostOperation.Actor actor in actors)
            {
                operation.Once(actor);
                mark.WriteOnce(1);
            }
        });
        int[] marks = [.. all.Index().Where(static at => at.Item.Place.Contains(Mark, StringComparison.Ordinal)).Select(static at => at.Index)];
        return ([.. all.Take(marks[1]).Skip(marks[0] + 1)], [.. all.Take(marks[2]).Skip(marks[1] + 1)]);
    }

    private static IEnumerable<UnderLock> UnderLocks(IEnumerable<ObservedStep> steps)
    {
        var held = new List<(string Place, bool IsRead)>();
        var counts = new Dictionary<(string Name, bool IsRead), int>();
        foreach (ObservedStep step in steps)
        {
            foreach ((string Name, bool IsRead) one in held.Select(static one => (ClassOf(one.Place), one.IsRead)).Distinct())
                counts[one] = counts.GetValueOrDefault(one) + 1;
            if (step.IsLock && step.Mode is { } mode)
                held.Add((step.Place, mode == LockMode.Read));
            else if (step.Kind == StepKind.RcuReadLock)
                held.Add((step.Place, true));
            else if (step.Kind is StepKind.Release or StepKind.RcuReadUnlock)
                held.Remove((step.Place, step.Mode != LockMode.Write));
        }

        return counts.Where(static pair => !pair.Key.Name.EndsWith(QueueOfWriters, StringComparison.Ordinal))
            .Select(static pair => new UnderLock(pair.Key.Name, pair.Key.IsRead, pair.Value));
    }

    // A place is a field of an object with a number.
    private static string ClassOf(string place) => place[(place.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>How long a class of locks was held, or a section of readers of RCU lasted, in steps.</summary>
    /// <param name="Name">The class.</param>
    /// <param name="IsRead">Whether as a reader.</param>
    /// <param name="Steps">So many of the operation's steps.</param>
    public sealed record UnderLock(string Name, bool IsRead, int Steps);
}
