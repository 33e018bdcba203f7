namespace RcuModel.Scripts;

/// <summary>
/// Makes a script smaller while something about it stays: it leaves out operations by delta debugging, then processes and
/// pages, then makes numbers smaller, until none of these steps helps any more.
/// </summary>
/// <remarks>
/// Leaving out a fork leaves out what its child does, so whatever is tried is a script that makes sense. What stays is that
/// the predicate holds, not why: a script may end at another difference than it began with, which is as good.
/// </remarks>
/// <param name="stays">Whether a script still has what it must have.</param>
/// <param name="triesMax">Scripts to try at most.</param>
public sealed class ScriptMinimiser(Func<MmScript, bool> stays, int triesMax = 5000)
{
    private IReadOnlyList<ScriptOperation> _best = [];

    /// <summary>Scripts that have been tried.</summary>
    public int Tries { get; private set; }

    /// <summary>The smallest script that was found; the one given, if nothing smaller has what it must have.</summary>
    /// <exception cref="ArgumentException">The script itself does not have it.</exception>
    public MmScript Minimise(MmScript script)
    {
        if (!stays(script))
            throw new ArgumentException("The script does not have what must stay.", nameof(script));
        _best = script.Operations;
        Tries = 0;
        bool smaller = true;
        while (smaller && Tries < triesMax)
        {
            smaller = LeaveOutOperations();
            smaller |= JoinProcesses();
            smaller |= LeaveOutPages();
            smaller |= Simplify();
        }

        Renumber();
        return MmScript.Of(_best, script.Name);
    }

    // ddmin, by Zeller and Hildebrandt, without its test of subsets: with what comes later left out first, complements suffice.
    private bool LeaveOutOperations()
    {
        bool any = false;
        for (int size = Math.Max(1, _best.Count / 2); ; size /= 2)
        {
            for (int end = _best.Count; end > 0;)
            {
                int start = Math.Max(0, end - size);
                any |= Try([.. _best.Where((_, i) => i < start || i >= end)]);
                end = Math.Min(start, _best.Count);
            }

            if (size == 1)
                return any;
        }
    }

    // The parent does what its child did, instead of forking it.
    private bool JoinProcesses()
    {
        bool any = false;
        for (int i = _best.Count - 1; i >= 0; i--)
        {
            if (i >= _best.Count || _best[i].Verb != ScriptVerb.Fork)
                continue;
            ScriptOperation fork = _best[i];
            any |= Try([.. _best.Where((_, at) => at != i)
                .Where(operation => operation.Verb != ScriptVerb.Exit || operation.Process != fork.Child)
                .Select(operation => operation.Process == fork.Child ? operation with { Process = fork.Process } : operation)]);
        }

        return any;
    }

    // A page that goes takes its place in every range with it, and what lies above comes down.
    private bool LeaveOutPages()
    {
        bool any = false;
        for (int count = 512; count > 0; count /= 2)
        {
            for (int page = _best.Select(LastPage).DefaultIfEmpty(0).Max(); page >= 0; page -= count)
            {
                int first = Math.Max(0, page - count + 1);
                int left = page + 1 - first;
                while (Try([.. _best.Select(operation => WithoutPages(operation, first, left))]))
                    any = true;
            }
        }

        return any;
    }

    private bool Simplify()
    {
        bool any = false;
        for (int i = 0; i < _best.Count; i++)
        {
            // What is simpler than an operation is no longer so when that one has become simpler itself.
            while (i < _best.Count && Simpler(_best[i]).Any(simpler => Try([.. _best.Select((operation, k) => k == i ? simpler : operation)])))
                any = true;
        }

        return any;
    }

    // Processes get the names p0, p1, … again, without gaps.
    private void Renumber()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { [MmScript.FirstProcess] = MmScript.FirstProcess };
        foreach (ScriptOperation operation in _best)
        {
            if (operation.Verb == ScriptVerb.Fork)
                names[operation.Child] = $"p{names.Count}";
        }

        Try([.. _best.Select(operation => operation with
        {
            Process = names.GetValueOrDefault(operation.Process, operation.Process),
            Child = names.GetValueOrDefault(operation.Child, operation.Child),
        })]);
    }

    private bool Try(IReadOnlyList<ScriptOperation> operations)
    {
        MmScript candidate = MmScript.Of(OfTheLiving(operations));
        if (Tries >= triesMax || candidate.Operations.SequenceEqual(MmScript.Of(_best).Operations))
            return false;
        Tries++;
        if (!stays(candidate))
            return false;
        _best = candidate.Operations;
        return true;
    }

    // Without what is done by processes that do not exist, or not any more, and without what is done to no pages.
    private static IEnumerable<ScriptOperation> OfTheLiving(IReadOnlyList<ScriptOperation> operations)
    {
        var alive = new HashSet<string>(StringComparer.Ordinal) { MmScript.FirstProcess };
        foreach (ScriptOperation operation in operations)
        {
            bool isOfProcess = !ScriptOperation.IsOfMachine(operation.Verb);
            bool isRange = isOfProcess && operation.Verb is not (ScriptVerb.Fork or ScriptVerb.Exit);
            if ((isOfProcess && !alive.Contains(operation.Process)) || (isRange && operation.Length == 0))
                continue;
            if (operation.Verb == ScriptVerb.Fork)
                alive.Add(operation.Child);
            else if (operation.Verb == ScriptVerb.Exit)
                alive.Remove(operation.Process);
            yield return operation;
        }
    }

    private static int LastPage(ScriptOperation operation) =>
        Math.Max(operation.Start, operation.NewStart) + Math.Max(operation.Length, operation.NewLength) - 1;

    private static ScriptOperation WithoutPages(ScriptOperation operation, int first, int count)
    {
        int Moved(int page) => page - Math.Clamp(page - first, 0, count);
        int Shrunk(int start, int length) => Moved(start + length) - Moved(start);
        return operation with
        {
            Start = Moved(operation.Start),
            Length = Shrunk(operation.Start, operation.Length),
            NewStart = Moved(operation.NewStart),
            NewLength = Shrunk(operation.Start, operation.NewLength),
        };
    }

    private static IEnumerable<ScriptOperation> Simpler(ScriptOperation operation)
    {
        if (operation.Length > 1)
        {
            yield return operation with { Length = 1 };
            yield return operation with { Length = operation.Length / 2 };
            yield return operation with { Length = operation.Length - 1 };
            yield return operation with { Start = operation.Start + 1, Length = operation.Length - 1 };
        }

        if (operation.NewLength > 1)
            yield return operation with { NewLength = operation.NewLength - 1 };
        if (operation.Verb == ScriptVerb.Mmap && operation.Protection != (Protection.Read | Protection.Write))
            yield return operation with { Protection = Protection.Read | Protection.Write };
        if (operation.FilePage is { } filePage)
        {
            yield return operation with { FilePage = null };
            if (filePage > 0)
                yield return operation with { FilePage = filePage / 2 };
            if (filePage > 0)
                yield return operation with { FilePage = filePage - 1 };
        }

        if (operation.Verb == ScriptVerb.Mprotect && operation.Protection is not (Protection.None or Protection.Read))
            yield return operation with { Protection = Protection.Read };
        if (operation.AllowHoles)
            yield return operation with { AllowHoles = false };
        foreach (int order in ScriptOperation.OrdersOf(operation.Orders))
            yield return operation with { Orders = operation.Orders & ~(1 << order) };
        if (operation.Verb == ScriptVerb.Dontunmap)
            yield return operation with { Verb = ScriptVerb.Mremap };
        if (operation.Verb == ScriptVerb.Write)
            yield return operation with { Verb = ScriptVerb.Read };
    }
}
