using System.Globalization;

namespace RcuModel.Exploration.Tests.Fuzz;

/// <summary>Compares what the explorer says of a random program with the truth; shrinks the programs on which they differ.</summary>
internal static class ProgramCheck
{
    /// <summary>What is wrong with the reduction on this program; null if nothing is. Skips programs that are too large.</summary>
    /// <param name="program">The program.</param>
    /// <param name="prefixesMax">The size at which a program is too large: prefixes of classes.</param>
    /// <param name="interleavingsMax">Up to how many interleavings dfs is compared too; 0 for never.</param>
    /// <param name="ran">Whether it was not skipped.</param>
    /// <param name="memory">The memory model.</param>
    public static string? Reduction(
        RandomProgram program, int prefixesMax, int interleavingsMax, out bool ran, MemoryModel memory = MemoryModel.Sc)
    {
        ran = false;
        if (Enumeration.Of(program, prefixesMax, memory) is not { } truth)
            return null;
        ran = true;
        var seen = new Observations(program.NumberThreads());
        // Where in another thread a process-wide fence has its barrier tells executions apart that are one class to the
        // enumeration. How many there are, only dfs can say then.
        bool isFiner = memory == MemoryModel.Tso && program.Has(OpKind.ProcessWideFence);
        ExplorationOptions usual = Options(program) with { Memory = memory };
        ExplorationResult dpor = Explorer.Explore(
            () => program.Run(seen),
            usual with { ExecutionsMax = (truth.Classes * (isFiner ? 100 : 4)) + 20 });
        seen.Finish();
        string? wrong = Compare("dpor", dpor, seen, truth);
        if (isFiner)
            truth.Refine((int)dpor.Executions, (int)dpor.Blocked);
        if (dpor.Redundant != 0)
            wrong = $"{wrong} dpor: {dpor.Redundant} redundant executions";
        if (wrong is null && dpor.Verdict == Verdict.Verified && dpor.Executions != truth.Classes)
            wrong = $"dpor: {dpor.Executions} executions of {truth.Classes} classes";
        if (wrong is null && dpor.Blocked != truth.Blocked)
            wrong = $"dpor: {dpor.Blocked} blocked executions, {truth.Blocked} blocked classes";

        // Three hand over when one of them waits, or whenever they can: what depends on who is faster, and what does not.
        wrong ??= Shared(program, truth, usual with { Workers = 3, SharesAlways = truth.Classes % 2 == 0 })
            ?? Shared(program, truth, usual with { SharesAlways = true });
        if (wrong is not null || interleavingsMax == 0)
            return wrong;

        seen = new Observations(program.NumberThreads());
        ExplorationResult dfs = Explorer.Explore(
            () => program.Run(seen),
            usual with { Strategy = StrategyKind.Dfs, ExecutionsMax = interleavingsMax });
        seen.Finish();
        if (dfs.Bound is not null)
            return null;
        wrong = Compare("dfs", dfs, seen, truth);
        return wrong is null && dfs.Distinct != truth.Classes
            ? $"dfs: {dfs.Distinct} distinct executions of {truth.Classes} classes"
            : wrong;
    }

    // With branches handed from one reduction to another there are the same executions, each once.
    private static string? Shared(RandomProgram program, Enumeration truth, ExplorationOptions how)
    {
        int threads = program.NumberThreads();
        ExplorationResult result = Explorer.Explore(
            () => program.Run(new Observations(threads)),
            how with { ExecutionsMax = (truth.Classes * 4) + 20 });
        if (result.Violation is { Kind: ViolationKind.NotInstrumented })
            return null;
        return result.Executions == truth.Classes && result.Blocked == truth.Blocked && result.Redundant == 0
            && result.Verdict == Verdict.Verified
            ? null
            : $"{how.Workers} workers{(how.SharesAlways ? ", sharing always" : "")}: {result}, {result.Blocked} blocked, "
                + $"{result.Redundant} redundant; there are {truth.Classes} classes, {truth.Blocked} blocked";
    }

    /// <summary>
    /// What is wrong if dpor and dfs do not agree on whether anything is violated; null if nothing is. For programs with
    /// plain accesses and objects that are freed.
    /// </summary>
    public static string? Verdicts(RandomProgram program, int interleavingsMax, out bool ran)
    {
        program.NumberThreads();
        int threads = program.NumberThreads();
        SortedSet<ViolationKind> dpor = Kinds(StrategyKind.Dpor, out ran);
        if (!ran)
            return null;
        SortedSet<ViolationKind> dfs = Kinds(StrategyKind.Dfs, out ran);
        if (!ran || dpor.Count > 0 == dfs.Count > 0)
            return null;
        return $"dpor finds {Names(dpor)}, dfs finds {Names(dfs)}";

        SortedSet<ViolationKind> Kinds(StrategyKind strategy, out bool complete)
        {
            var seen = new Observations(threads);
            ExplorationResult result = Explorer.Explore(
                () => program.Run(seen),
                Options(program) with { Strategy = strategy, ExecutionsMax = interleavingsMax });
            complete = result.Verdict != Verdict.NoViolationWithinBudget;
            return result.Violation is { Kind: not ViolationKind.NotInstrumented } violation ? [violation.Kind] : [];
        }

        static string Names(SortedSet<ViolationKind> kinds) => kinds.Count == 0 ? "nothing" : string.Join(", ", kinds);
    }

    /// <summary>The smallest program that still fails, by leaving out threads, operations and details.</summary>
    public static RandomProgram Shrink(RandomProgram program, Func<RandomProgram, bool> fails)
    {
        bool smaller = true;
        while (smaller)
        {
            smaller = false;
            foreach (Code candidate in Smaller(program.Body))
            {
                RandomProgram next = program with { Body = candidate };
                if (!fails(next))
                    continue;
                program = next;
                smaller = true;
                break;
            }
        }

        return program;
    }

    private static IEnumerable<Code> Smaller(Code code)
    {
        for (int i = 0; i < code.Ops.Length; i++)
        {
            Op op = code.Ops[i];
            yield return new Code([.. code.Ops[..i], .. code.Ops[(i + 1)..]]);
            for (int c = 0; c < op.Children.Length; c++)
            {
                if (op.Children.Length > 1)
                    yield return With(i, op with { Children = [.. op.Children[..c], .. op.Children[(c + 1)..]] });
                foreach (Code child in Smaller(op.Children[c]))
                    yield return With(i, op with { Children = [.. op.Children[..c], child, .. op.Children[(c + 1)..]] });
            }

            if (op.Guard is not null)
                yield return With(i, op with { Guard = null });
            if (op.UseLast)
                yield return With(i, op with { UseLast = false });
            if (op.First != 0 || op.Last != ulong.MaxValue)
                yield return With(i, op with { First = 0, Last = ulong.MaxValue });
        }

        Code With(int i, Op op) => new([.. code.Ops[..i], op, .. code.Ops[(i + 1)..]]);
    }

    private static ExplorationOptions Options(RandomProgram program) =>
        new() { AllowBlocked = true, SpuriousPerThread = program.Spurious, StepsMax = 1000, Minimise = false };

    private static string? Compare(string name, ExplorationResult result, Observations seen, Enumeration truth)
    {
        if (result.Violation is { Kind: not ViolationKind.NotInstrumented } violation)
            return $"{name}: {violation.Kind}: {violation.Rule}";
        if (result.Violation is not null)
            return null;
        if (result.Verdict != Verdict.Verified)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"{name}: more than {result.Executions} executions of {truth.Classes} classes");
        }

        if (!seen.Outcomes.SetEquals(truth.Outcomes))
        {
            IEnumerable<string> missing = truth.Outcomes.Except(seen.Outcomes).Take(3);
            IEnumerable<string> invented = seen.Outcomes.Except(truth.Outcomes).Take(3);
            return $"{name}: {result.Executions} executions of {truth.Classes} classes; outcomes missed: "
                + $"[{string.Join(" | ", missing)}], that cannot be: [{string.Join(" | ", invented)}]";
        }

        return null;
    }
}
