namespace RcuModel.Scenarios.Tests;

/// <summary>What a thread does to the read-write semaphore of a history.</summary>
public enum RwsemKind
{
    /// <summary>Takes it as a reader.</summary>
    Read,

    /// <summary>Takes it as a writer.</summary>
    Write,

    /// <summary>Tries to take it as a reader.</summary>
    TryRead,

    /// <summary>Tries to take it as a writer.</summary>
    TryWrite,

    /// <summary>Takes it as a writer, becomes a reader.</summary>
    Downgrade,
}

/// <summary>One operation of a history and what came of it.</summary>
internal sealed record RwsemOperation(RwsemKind Kind, int Id)
{
    /// <summary>Whether an attempt was refused.</summary>
    public bool Refused { get; set; }

    /// <summary>What was in the protected word when the thread came in. Writers leave their Id there.</summary>
    public int Seen { get; set; }

    /// <summary>Whether it changes the word.</summary>
    public bool Writes => Kind is RwsemKind.Write or RwsemKind.TryWrite or RwsemKind.Downgrade;

    /// <summary>Whether it may have to wait.</summary>
    public bool Waits => Kind is not (RwsemKind.TryRead or RwsemKind.TryWrite);
}

/// <summary>
/// A naive read-write lock: how many readers there are and whether there is a writer. It explains a history if there is an
/// order of entering and leaving, the threads' own orders kept, in which everybody sees what it saw, and whoever was refused
/// was refused for a reason: a holder that excludes it, or somebody on the way in.
/// </summary>
internal sealed class RwsemHistory(RwsemOperation[][] threads)
{
    private const int StepsPerOperation = 3;

    private readonly HashSet<string> _failed = [];

    /// <summary>Whether the naive lock could have made this history.</summary>
    public bool IsExplained(int last) => Explain(new int[threads.Length], 0, last);

    // at[t] is three times the number of the thread's operation, plus 0 outside, 1 inside, 2 inside as a reader that has written.
    private bool Explain(int[] at, int value, int last)
    {
        if (Enumerable.Range(0, threads.Length).All(t => at[t] == threads[t].Length * StepsPerOperation))
            return value == last;
        string state = $"{string.Join(' ', at)} {value}";
        if (_failed.Contains(state))
            return false;
        for (int t = 0; t < threads.Length; t++)
        {
            if (at[t] == threads[t].Length * StepsPerOperation)
                continue;
            (int index, int phase) = (at[t] / StepsPerOperation, at[t] % StepsPerOperation);
            RwsemOperation operation = threads[t][index];
            int done = (index + 1) * StepsPerOperation;
            bool explained = phase switch
            {
                0 when operation.Refused => HasReason(at, t, operation.Writes) && Go(at, t, done, value, last),
                0 => !IsExcluded(at, t, operation.Writes) && operation.Seen == value
                    && Go(at, t, at[t] + 1, operation.Writes ? operation.Id : value, last),
                1 when operation.Kind == RwsemKind.Downgrade => Go(at, t, at[t] + 1, value, last),
                _ => Go(at, t, done, value, last),
            };
            if (explained)
                return true;
        }

        _failed.Add(state);
        return false;
    }

    private bool Go(int[] at, int t, int next, int value, int last)
    {
        int[] after = [.. at];
        after[t] = next;
        return Explain(after, value, last);
    }

    private bool IsExcluded(int[] at, int me, bool writes)
    {
        for (int t = 0; t < threads.Length; t++)
        {
            if (t == me || at[t] % StepsPerOperation == 0)
                continue;
            bool asWriter = at[t] % StepsPerOperation == 1 && threads[t][at[t] / StepsPerOperation].Writes;
            if (writes || asWriter)
                return true;
        }

        return false;
    }

    private bool HasReason(int[] at, int me, bool writes)
    {
        if (IsExcluded(at, me, writes))
            return true;
        for (int t = 0; t < threads.Length; t++)
        {
            if (t != me && at[t] % StepsPerOperation == 0 && at[t] < threads[t].Length * StepsPerOperation
                && threads[t][at[t] / StepsPerOperation].Waits)
            {
                return true;
            }
        }

        return false;
    }
}
