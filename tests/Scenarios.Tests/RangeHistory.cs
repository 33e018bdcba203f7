namespace RcuModel.Scenarios.Tests;

/// <summary>What a thread does to the lock of ranges of a history.</summary>
public enum RangeKind
{
    /// <summary>Takes a range as a reader.</summary>
    Read,

    /// <summary>Takes a range as a writer.</summary>
    Write,

    /// <summary>Tries to take a range as a reader.</summary>
    TryRead,

    /// <summary>Tries to take a range as a writer.</summary>
    TryWrite,

    /// <summary>Takes a range as a writer, or gives up.</summary>
    WriteUnless,

    /// <summary>Takes a range as a writer, becomes a reader.</summary>
    Downgrade,
}

/// <summary>One operation of a history and what came of it.</summary>
internal sealed record RangeOperation(RangeKind Kind, int Id, int First, int Last)
{
    /// <summary>Whether an attempt was refused, or gave up.</summary>
    public bool Refused { get; set; }

    /// <summary>When the thread began it, by a clock of all threads; before everything if nobody looked at one.</summary>
    public long Begins { get; set; }

    /// <summary>When the thread was done with it; behind everything if nobody looked.</summary>
    public long Ends { get; set; } = long.MaxValue;

    /// <summary>What was in the words of the range when the thread came in. Writers leave their Id there.</summary>
    public int[] Seen { get; init; } = new int[Last - First + 1];

    /// <summary>Whether it changes the words.</summary>
    public bool Writes => Kind is not (RangeKind.Read or RangeKind.TryRead);

    /// <summary>Whether the two cannot be inside together.</summary>
    public bool Excludes(RangeOperation other) =>
        First <= other.Last && other.First <= Last && (Writes || other.Writes);
}

/// <summary>
/// A naive lock of ranges: a list of who is inside. It explains a history if there is an order of entering and leaving, the threads'
/// own orders and that of the clock kept, in which everybody sees what it saw, and whoever was refused was refused for a reason: a
/// holder that excludes it, or somebody that would, on the way in, or on the way out again if it lingers.
/// </summary>
/// <param name="threads">What each thread did.</param>
/// <param name="length">How many words there are.</param>
/// <param name="lingers">
/// Whether one that is on its way out, having been inside or refused, may still be a reason to refuse another one; null if nobody lingers.
/// </param>
internal sealed class RangeHistory(RangeOperation[][] threads, int length, Func<RangeOperation, RangeOperation, bool>? lingers = null)
{
    private const int StepsPerOperation = 4;
    private const int Inside = 1;
    private const int InsideAsReader = 2;
    private const int WayOut = 3;

    private readonly HashSet<string> _failed = [];

    /// <summary>Whether the naive lock could have made this history.</summary>
    public bool IsExplained(int[] last) => Explain(new int[threads.Length], new int[length], last);

    // at[t] is four times the number of the thread's operation, plus 0 outside, or where it is in it.
    private bool Explain(int[] at, int[] values, int[] last)
    {
        if (Enumerable.Range(0, threads.Length).All(t => IsDone(at, t)))
            return values.AsSpan().SequenceEqual(last);
        string state = $"{string.Join(' ', at)}|{string.Join(' ', values)}";
        if (_failed.Contains(state))
            return false;
        for (int t = 0; t < threads.Length; t++)
        {
            if (IsDone(at, t))
                continue;
            (int index, int phase) = (at[t] / StepsPerOperation, at[t] % StepsPerOperation);
            RangeOperation operation = threads[t][index];
            int before = index * StepsPerOperation;
            int done = before + StepsPerOperation;
            int leaves = lingers is null ? done : before + WayOut;
            bool explained = phase switch
            {
                0 when !MayBegin(at, operation) => false,
                0 when operation.Refused => HasReason(at, t, operation) && Go(at, t, leaves, values, last),
                0 => !IsExcluded(at, t, operation)
                    && operation.Seen.AsSpan().SequenceEqual(values.AsSpan(operation.First, operation.Seen.Length))
                    && Go(at, t, before + Inside, operation.Writes ? Written(values, operation) : values, last),
                Inside when operation.Kind == RangeKind.Downgrade => Go(at, t, before + InsideAsReader, values, last),
                WayOut => Go(at, t, done, values, last),
                _ => Go(at, t, leaves, values, last),
            };
            if (explained)
                return true;
        }

        _failed.Add(state);
        return false;
    }

    private static int[] Written(int[] values, RangeOperation operation)
    {
        int[] after = [.. values];
        Array.Fill(after, operation.Id, operation.First, operation.Seen.Length);
        return after;
    }

    private bool Go(int[] at, int t, int next, int[] values, int[] last)
    {
        int[] after = [.. at];
        after[t] = next;
        return Explain(after, values, last);
    }

    private bool IsDone(int[] at, int t) => at[t] == threads[t].Length * StepsPerOperation;

    // All that ended before it began must have been explained.
    private bool MayBegin(int[] at, RangeOperation operation)
    {
        for (int t = 0; t < threads.Length; t++)
        {
            if (!IsDone(at, t) && threads[t][at[t] / StepsPerOperation].Ends < operation.Begins)
                return false;
        }

        return true;
    }

    private bool IsExcluded(int[] at, int me, RangeOperation operation)
    {
        for (int t = 0; t < threads.Length; t++)
        {
            int phase = at[t] % StepsPerOperation;
            if (t == me || phase is not (Inside or InsideAsReader))
                continue;
            RangeOperation other = threads[t][at[t] / StepsPerOperation];
            bool asWriter = other.Writes && phase == Inside;
            if (other.First <= operation.Last && operation.First <= other.Last && (asWriter || operation.Writes))
                return true;
        }

        return false;
    }

    private bool HasReason(int[] at, int me, RangeOperation operation)
    {
        if (IsExcluded(at, me, operation))
            return true;
        for (int t = 0; t < threads.Length; t++)
        {
            if (t == me || IsDone(at, t))
                continue;
            RangeOperation other = threads[t][at[t] / StepsPerOperation];
            bool onItsWay = at[t] % StepsPerOperation == 0 ? other.Begins < operation.Ends : lingers is not null && lingers(other, operation);
            if (onItsWay && other.Excludes(operation))
                return true;
        }

        return false;
    }
}
