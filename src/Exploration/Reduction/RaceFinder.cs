using System.Numerics;
using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Reduction;

/// <summary>
/// Finds the reversible races of a trace: pairs of an earlier and a later step such that some other execution does the
/// later one without the earlier one.
/// </summary>
/// <remarks>
/// <para>
/// For a step that never waits this is the classical notion: two conflicting steps of different threads with no third one
/// between them in happens-before. For a step that waits it is not enough to take the earlier step away: the waiting step
/// must also be able to go on without it. A release is therefore never raced with by the acquire that it lets through,
/// and an await looks further back, to the nearest earlier moment at which its condition held.
/// </para>
/// <para>
/// What is taken away is a set of steps, called the cut, and all that happens after any of them. It has one element, but
/// for locks (every holder that stands in the way must go) and for awaits over several cells.
/// </para>
/// </remarks>
internal sealed class RaceFinder(Trace trace, Places places)
{
    // A await over several cells looks at this many combinations of earlier moments, then gives up and says so.
    private const int CombinationsMax = 4096;

    private readonly ushort[] _covered = new ushort[Clock.Lanes];
    private readonly List<int> _cut = [];
    private readonly HashSet<ulong> _seen = [];
    private readonly Queue<int[]> _combinations = new();

    // The races of steps before it have been found.
    private int _found;

    public struct Race
    {
        /// <summary>The later step. A step beyond the end of the trace is one that its thread still waits to do.</summary>
        public int Later;

        /// <summary>Where the cut begins in <see cref="CutSteps"/>, and how many steps it has.</summary>
        public int CutStart;
        public int CutCount;

        /// <summary>Another execution that covers it is known, whatever follows the later step.</summary>
        public bool Settled;
    }

    /// <summary>The races of the trace, in the order of their later steps.</summary>
    public Race[] Races = new Race[64];
    public int RaceCount;

    /// <summary>The steps of all cuts.</summary>
    public int[] CutSteps = new int[64];
    public int CutStepCount;

    /// <summary>Whether the search over combinations was ever cut short.</summary>
    public bool Incomplete { get; private set; }

    /// <summary>Forgets the races of steps from i on.</summary>
    public void ForgetFrom(int i)
    {
        _found = Math.Min(_found, i);
        while (RaceCount > 0 && Races[RaceCount - 1].Later >= i)
        {
            RaceCount--;
            CutStepCount = Races[RaceCount].CutStart;
        }
    }

    /// <summary>Adds the races whose later step comes before the end, as far as they have not been found.</summary>
    public void FindUpTo(int end)
    {
        for (; _found < end; _found++)
            Find(_found);
    }

    private void Find(int j)
    {
        ref Event step = ref trace.Events[j];
        if (step.Access.Footprint is not null)
            FindForAwaitMany(j);
        else if (step.Access.Place == 0)
            return;
        else if (j < trace.Count)
            FindAt(j, trace.OccurrenceBefore[step.Occurrence], trace.WriteBefore[step.Occurrence]);
        else
            FindAt(j, places[step.Access.Place].LastOccurrence, places[step.Access.Place].LastWrite);
    }

    private void FindAt(int j, int occurrence, int write)
    {
        ref Event step = ref trace.Events[j];
        switch (step.Access.Kind)
        {
            case OperationKind.Acquire:
                FindForAcquire(j, occurrence);
                break;
            case OperationKind.TryAcquire or OperationKind.Release or OperationKind.RcuReadLock or OperationKind.RcuSynchronize:
                FindForLockStep(j, occurrence);
                break;
            case OperationKind.RcuReadUnlock or OperationKind.RcuSynchronizeEnd:
                break;
            case OperationKind.Await:
                FindForAwait(j, write);
                break;
            case OperationKind.AwaitExchange when j >= trace.Count:
                FindForAwait(j, write);
                break;
            default:
                if (step.Access.Writes)
                    FindForWrite(j, occurrence, write);
                else if (write >= 0 && !MustPrecede(trace.OccurrenceStep[write], j))
                    Add(j, trace.OccurrenceStep[write]);
                break;
        }
    }

    private void FindForWrite(int j, int occurrence, int write)
    {
        ref ushort covered = ref _covered[0];
        Clock.Copy(ref covered, ref trace.BeforeOf(j));
        for (; occurrence >= 0; occurrence = trace.OccurrenceBefore[occurrence])
        {
            int i = trace.OccurrenceStep[occurrence];
            bool immediate = !trace.Within(i, ref covered);
            if (occurrence == write)
            {
                if (immediate && trace.Events[j].Access.Kind == OperationKind.AwaitExchange)
                    FindForAwait(j, write);
                else if (immediate)
                    Add(j, i);
                return;
            }

            if (immediate && !trace.PrecedesOwnDrain(i, write))
                Add(j, i);
            Clock.Join(ref covered, ref trace.ClockOf(i));
        }
    }

    // The nearest earlier moment at which the condition held: just before some write, with that write and all that comes
    // of it taken away. Moments before that are found from there.
    private void FindForAwait(int j, int write)
    {
        ref Event step = ref trace.Events[j];
        Location location = places[step.Access.Place];
        while (write >= 0)
        {
            int i = trace.OccurrenceStep[write];
            if (MustPrecede(i, j))
                return;
            write = trace.WriteBefore[write];
            CellValue before = write >= 0 ? trace.Events[trace.OccurrenceStep[write]].Written : location.Initial;
            if (Outcome.ConditionHolds(step, location, before))
            {
                Add(j, i);
                return;
            }
        }
    }

    // Whether a read cannot be without a write that comes before it. What its own thread has stored it would see in the
    // buffer, if the drain were taken away.
    private bool MustPrecede(int i, int j) =>
        trace.Within(i, ref trace.BeforeOf(j)) || trace.IsOwnDrain(i, trace.Events[j].Access.Thread);

    private void FindForAcquire(int j, int occurrence)
    {
        ref Event step = ref trace.Events[j];
        ref ushort covered = ref _covered[0];
        Clock.Copy(ref covered, ref trace.BeforeOf(j));
        for (int o = occurrence; o >= 0; o = trace.OccurrenceBefore[o])
        {
            int i = trace.OccurrenceStep[o];
            ref Event other = ref trace.Events[i];

            // A release lets us through and is not raced with. A failed try was never in the way, but whether it comes
            // before us decides what comes after it.
            if (other.Access.Kind != OperationKind.Release && !Access.Compatible(step.Access, other.Access)
                && !trace.Within(i, ref covered))
            {
                if (CutHolders(j, occurrence, i))
                    AddCut(j);
                Clock.Join(ref covered, ref trace.ClockOf(i));
            }

            if (Trace.EndsLockChain(other.Access))
                return;
        }
    }

    // Takes acquire i away, and every other holder that would then stand in the way of j because its release went too.
    private bool CutHolders(int j, int occurrence, int i)
    {
        _cut.Clear();
        _cut.Add(i);
        ref Event step = ref trace.Events[j];
        while (BlockingHolder(step.Access, occurrence) is var holder and >= 0)
        {
            if (trace.Within(holder, ref trace.BeforeOf(j)))
                return false;
            _cut.Add(holder);
        }

        return true;
    }

    private int BlockingHolder(in Access access, int occurrence)
    {
        for (int o = occurrence; o >= 0; o = trace.OccurrenceBefore[o])
        {
            int i = trace.OccurrenceStep[o];
            ref Event other = ref trace.Events[i];
            if (other.Access.Kind == OperationKind.Release || !other.Access.Writes || IsCut(i))
                continue;
            bool held = other.Partner < 0 || IsCut(other.Partner);
            if (held && !Access.Compatible(access, other.Access))
                return i;
            if (Trace.EndsLockChain(other.Access))
                break;
        }

        return -1;
    }

    private bool IsCut(int i)
    {
        foreach (int first in _cut)
        {
            if (i >= first && trace.HappensBefore(first, i))
                return true;
        }

        return false;
    }

    private void FindForLockStep(int j, int occurrence)
    {
        ref Event step = ref trace.Events[j];
        ref ushort covered = ref _covered[0];
        Clock.Copy(ref covered, ref trace.BeforeOf(j));
        for (; occurrence >= 0; occurrence = trace.OccurrenceBefore[occurrence])
        {
            int i = trace.OccurrenceStep[occurrence];
            ref Event other = ref trace.Events[i];
            if (Access.Conflict(step.Access, other.Access))
            {
                if (!trace.Within(i, ref covered))
                    Add(j, i);
                Clock.Join(ref covered, ref trace.ClockOf(i));
            }

            if (Trace.EndsLockChain(other.Access))
                return;
        }
    }

    // Each cell of the footprint can be taken back to before any of its writes; the nearest combinations at which the
    // condition holds are the races. Breadth first, so that a combination is tried before those that take more away.
    private void FindForAwaitMany(int j)
    {
        ref Event step = ref trace.Events[j];
        Location[] cells = Array.ConvertAll(step.Access.Footprint!, place => places[place]);
        var start = new int[cells.Length];
        for (int c = 0; c < cells.Length; c++)
            start[c] = j < trace.Count ? trace.WriteBefore[step.Occurrence + c] : cells[c].LastWrite;

        _seen.Clear();
        _combinations.Clear();
        _combinations.Enqueue([.. start]);
        int tried = 0;
        while (_combinations.TryDequeue(out int[]? writes))
        {
            for (int c = 0; c < cells.Length; c++)
            {
                if (writes[c] < 0 || trace.Within(trace.OccurrenceStep[writes[c]], ref trace.BeforeOf(j)))
                    continue;
                if (++tried > CombinationsMax)
                {
                    Incomplete = true;
                    return;
                }

                // Taking one write away takes away what comes of it, other cells' writes among that.
                int[] next = [.. writes];
                int gone = trace.OccurrenceStep[writes[c]];
                bool possible = true;
                for (int d = 0; d < cells.Length; d++)
                {
                    while (next[d] >= 0 && trace.OccurrenceStep[next[d]] >= gone
                        && trace.HappensBefore(gone, trace.OccurrenceStep[next[d]]))
                    {
                        possible &= !trace.Within(trace.OccurrenceStep[next[d]], ref trace.BeforeOf(j));
                        next[d] = trace.WriteBefore[next[d]];
                    }
                }

                if (!possible || !_seen.Add(Hash(next)))
                    continue;
                if (Outcome.ConditionHolds(step, ValuesAt(cells, next)))
                    AddCombination(j, start, next);
                else
                    _combinations.Enqueue(next);
            }
        }
    }

    // The cut is the first write that went, of each cell.
    private void AddCombination(int j, int[] start, int[] kept)
    {
        _cut.Clear();
        for (int c = 0; c < start.Length; c++)
        {
            int first = -1;
            for (int w = start[c]; w != kept[c]; w = trace.WriteBefore[w])
                first = w;
            if (first >= 0)
                _cut.Add(trace.OccurrenceStep[first]);
        }

        AddCut(j);
    }

    private CellValue[] ValuesAt(Location[] cells, int[] writes)
    {
        var values = new CellValue[cells.Length];
        for (int c = 0; c < cells.Length; c++)
            values[c] = writes[c] >= 0 ? trace.Events[trace.OccurrenceStep[writes[c]]].Written : cells[c].Initial;
        return values;
    }

    private static ulong Hash(int[] combination)
    {
        ulong hash = 14695981039346656037;
        foreach (int part in combination)
            hash = BitOperations.RotateLeft((hash ^ (uint)part) * 1099511628211, 23);
        return hash;
    }

    private void Add(int j, int i)
    {
        _cut.Clear();
        _cut.Add(i);
        AddCut(j);
    }

    private void AddCut(int j)
    {
        if (RaceCount == Races.Length)
            Array.Resize(ref Races, RaceCount * 2);
        Races[RaceCount++] = new Race { Later = j, CutStart = CutStepCount, CutCount = _cut.Count };
        foreach (int i in _cut)
        {
            if (CutStepCount == CutSteps.Length)
                Array.Resize(ref CutSteps, CutStepCount * 2);
            CutSteps[CutStepCount++] = i;
        }
    }
}
