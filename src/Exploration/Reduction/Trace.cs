using System.Runtime.CompilerServices;
using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Reduction;

/// <summary>
/// The steps of an execution in the order in which the reduction thinks of them, with their vector clocks. It is a stack:
/// the prefix that two executions share stays, and its clocks, chains and races with it.
/// </summary>
/// <remarks>
/// A step <em>happens before</em> a later one (in the sense of the reduction) if a chain of program order, spawns, joins
/// and conflicts leads from one to the other. The steps that touch a location form a chain of <em>occurrences</em>,
/// threaded through the trace, so that the conflicts of a step are found by walking back to the last write.
/// </remarks>
internal sealed partial class Trace
{
    private readonly Places _places;
    private readonly bool _buffers;
    private ushort[] _clocks = new ushort[InitialCapacity * Clock.Lanes];
    private ushort[] _before = new ushort[InitialCapacity * Clock.Lanes];
    private readonly int[][] _ofThread = new int[Clock.Lanes][];
    private const int InitialCapacity = 256;

    /// <summary>The steps; only the first <see cref="Count"/> are part of the trace.</summary>
    public Event[] Events = new Event[InitialCapacity];

    /// <summary>How many steps each thread has.</summary>
    public readonly ushort[] Counts = new ushort[Clock.Lanes];

    // The occurrences: which step, the one before it in the chain, and the last write before it.
    public int[] OccurrenceStep = new int[InitialCapacity];
    public int[] OccurrenceBefore = new int[InitialCapacity];
    public int[] WriteBefore = new int[InitialCapacity];
    private int _occurrences;

    /// <param name="places">The locations.</param>
    /// <param name="buffers">Whether threads have store buffers; then every odd lane is the buffer of the thread before it.</param>
    public Trace(Places places, bool buffers = false)
    {
        _places = places;
        _buffers = buffers;
        for (int i = 0; i < Clock.Lanes; i++)
        {
            _ofThread[i] = new int[16];
            _stores[i] = [];
            _drains[i] = [];
        }
    }

    public int Count { get; private set; }

    /// <summary>What happens before step i, and i itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ushort ClockOf(int i) => ref _clocks[i * Clock.Lanes];

    /// <summary>What comes before step i by program order, spawn and join alone: its own conflicts left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ushort BeforeOf(int i) => ref _before[i * Clock.Lanes];

    /// <summary>The n-th step of a thread, from 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int StepOf(int thread, int index) => _ofThread[thread][index - 1];

    /// <summary>Whether step i happens before step j or is j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool HappensBefore(int i, int j) =>
        Unsafe.Add(ref ClockOf(j), Events[i].Access.Thread) >= Events[i].Index;

    /// <summary>Whether step i is within a clock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Within(int i, ref ushort clock) =>
        Unsafe.Add(ref clock, Events[i].Access.Thread) >= Events[i].Index;

    /// <summary>Room for a step beyond the end, for steps that are only imagined.</summary>
    public ref Event Slot(int i)
    {
        if (i >= Events.Length)
            Grow(i);
        return ref Events[i];
    }

    /// <summary>Adds a step. Its outcome (what it writes, its operands) is filled in by whoever performs it.</summary>
    public int Append(in Access planned)
    {
        int i = Count;
        ref Event step = ref Slot(i);
        ref Access access = ref step.Access;
        access = planned;
        int thread = access.Thread;
        step.Partner = -1;
        step.Occurrence = -1;
        if (_buffers)
            Localise(ref access);

        ComputeBefore(i, access);
        if (access.Kind == OperationKind.ProcessWideFence && _buffers)
            OrderFence(i, ref access);
        ref ushort clock = ref ClockOf(i);
        Clock.Copy(ref clock, ref BeforeOf(i));
        if (_buffers && IsBuffer(thread) && Counts[thread] > 0)
            Clock.Join(ref clock, ref ClockOf(StepOf(thread, Counts[thread])));

        ushort index = ++Counts[thread];
        step.Index = index;
        if (access.Place != 0)
        {
            Location location = _places.Make(access.Place);
            JoinConflicts(ref clock, access, location.LastOccurrence, location.LastWrite);
            step.Occurrence = AddOccurrence(location, i, access.Writes);
            if (access.Kind == OperationKind.Release)
                LinkToAcquire(i);
        }
        else if (access.Footprint is { } cells)
        {
            foreach (int place in cells)
            {
                Location cell = _places.Make(place);
                JoinConflicts(ref clock, access, cell.LastOccurrence, cell.LastWrite);
                int occurrence = AddOccurrence(cell, i, writes: false);
                if (step.Occurrence < 0)
                    step.Occurrence = occurrence;
            }
        }

        Unsafe.Add(ref clock, thread) = index;
        int[] mine = _ofThread[thread];
        if (index > mine.Length)
            Array.Resize(ref _ofThread[thread], mine.Length * 2);
        _ofThread[thread][index - 1] = i;
        Count = i + 1;
        if (_buffers)
            NoteBuffered(i);
        return i;
    }

    /// <summary>Takes the last step back.</summary>
    public void Pop()
    {
        int i = --Count;
        ref Event step = ref Events[i];
        Counts[step.Access.Thread]--;
        if (_buffers)
            ForgetBuffered(step.Access);
        if (step.Access.Place != 0)
        {
            // A drain has the loads that it revealed behind it.
            while (_occurrences > step.Occurrence)
                RemoveOccurrence(_places[step.Access.Place]);
            if (step.Access.Kind == OperationKind.Release && step.Partner >= 0)
                Events[step.Partner].Partner = -1;
        }
        else if (step.Access.Footprint is { } cells)
        {
            for (int k = cells.Length - 1; k >= 0; k--)
                RemoveOccurrence(_places[cells[k]]);
        }
    }

    public void Clear()
    {
        while (Count > 0)
            Pop();
    }

    /// <summary>
    /// A number that all executions of one class have, and other classes practically never: the sum over all steps of a
    /// hash of what happens before each, so that the order of the steps does not matter.
    /// </summary>
    public ulong ClassHash(int threads)
    {
        // Lanes of threads that there are none of hold nothing; four lanes are hashed at a time.
        int used = (threads + 3) & ~3;
        ulong sum = 0;
        for (int i = 0; i < Count; i++)
        {
            ref Access access = ref Events[i].Access;
            // Spread out first, or a choice could cancel out against a clock that it is combined with.
            ulong hash = (((ulong)access.Thread << 40) | ((ulong)access.Choice << 16) | (ulong)access.Kind)
                * 0xD1342543DE82EF95UL;
            hash ^= hash >> 32;
            ReadOnlySpan<ulong> row = System.Runtime.InteropServices.MemoryMarshal.Cast<ushort, ulong>(
                _clocks.AsSpan(i * Clock.Lanes, used));
            foreach (ulong part in row)
            {
                hash = (hash ^ part) * 0x9E3779B97F4A7C15UL;
                hash ^= hash >> 29;
            }

            sum += hash;
        }

        return sum;
    }

    /// <summary>What comes before the next step of a thread by program order, spawn and join.</summary>
    public void ComputeBefore(int row, in Access access)
    {
        if (_buffers)
        {
            ComputeBeforeWithBuffers(row, access);
            return;
        }

        ref ushort before = ref BeforeOf(row);
        int thread = access.Thread;
        int steps = Counts[thread];
        if (steps > 0)
            Clock.Copy(ref before, ref ClockOf(StepOf(thread, steps)));
        else if (thread != 0 && access.SpawnedAfter > 0)
            Clock.Copy(ref before, ref ClockOf(StepOf(access.Parent, access.SpawnedAfter)));
        else
            Clock.Fill(ref before, 0);

        for (uint left = access.Joined; left != 0; left &= left - 1)
        {
            int joined = System.Numerics.BitOperations.TrailingZeroCount(left);
            if (Counts[joined] > 0)
                Clock.Join(ref before, ref ClockOf(StepOf(joined, Counts[joined])));
        }

        if (access.Kind == OperationKind.RcuSynchronizeEnd)
            JoinReaders(ref before, access);
    }

    // A grace period comes after the ends of the readers that began before it did. Its thread's last step is its beginning.
    private void JoinReaders(ref ushort before, in Access end)
    {
        ref ushort begun = ref ClockOf(StepOf(end.Thread, Counts[end.Thread]));
        int lanes = _buffers ? 2 : 1;
        for (int thread = 0; thread < Clock.Lanes; thread += lanes)
        {
            int index = Unsafe.Add(ref begun, thread);
            while (index > 0 && !IsAbout(StepOf(thread, index), OperationKind.RcuReadLock, end.Place))
                index--;
            if (index == 0 || thread == end.Thread)
                continue;

            // With store buffers a reader ends when all that it has stored is in memory.
            int lane = thread + lanes - 1;
            for (int later = 1; later <= Counts[lane]; later++)
            {
                int i = StepOf(lane, later);
                if (IsAbout(i, OperationKind.RcuReadUnlock, end.Place)
                    && (_buffers ? Events[i].Access.SpawnedAfter : later) > index)
                {
                    Clock.Join(ref before, ref ClockOf(i));
                    break;
                }
            }
        }
    }

    private bool IsAbout(int i, OperationKind kind, int place) => Events[i].Access.Kind == kind && Events[i].Access.Place == place;

    private void JoinConflicts(ref ushort clock, in Access access, int occurrence, int write)
    {
        if (access.IsLock)
        {
            for (; occurrence >= 0; occurrence = OccurrenceBefore[occurrence])
            {
                int i = OccurrenceStep[occurrence];
                if (Access.Conflict(access, Events[i].Access))
                    Clock.Join(ref clock, ref ClockOf(i));
                if (EndsLockChain(Events[i].Access))
                    return;
            }
        }
        else if (!access.Writes)
        {
            if (write >= 0 && !IsOwnDrain(OccurrenceStep[write], access.Thread))
                Clock.Join(ref clock, ref ClockOf(OccurrenceStep[write]));
        }
        else
        {
            for (; occurrence >= 0; occurrence = OccurrenceBefore[occurrence])
            {
                Clock.Join(ref clock, ref ClockOf(OccurrenceStep[occurrence]));
                if (occurrence == write)
                    return;
            }
        }
    }

    /// <summary>Whether everything earlier in a lock's chain happens before this step: it excluded them all.</summary>
    public static bool EndsLockChain(in Access access) =>
        access is { Writes: true, Mode: LockMode.Write, First: 0, Last: ulong.MaxValue }
        && access.Kind != OperationKind.Release;

    private void LinkToAcquire(int release)
    {
        ref Event step = ref Events[release];
        for (int o = OccurrenceBefore[step.Occurrence]; o >= 0; o = OccurrenceBefore[o])
        {
            int i = OccurrenceStep[o];
            ref Event other = ref Events[i];
            if (other.Partner < 0 && other.Access.Kind != OperationKind.Release && other.Access.Writes
                && other.Access.Mode == step.Access.Mode && other.Access.First == step.Access.First
                && other.Access.Last == step.Access.Last
                && (other.Access.Thread == OwnerOf(step.Access.Thread) || step.Access.Mode == LockMode.Write))
            {
                other.Partner = release;
                step.Partner = i;
                return;
            }
        }
    }

    private int AddOccurrence(Location location, int step, bool writes)
    {
        int o = _occurrences++;
        if (o == OccurrenceStep.Length)
        {
            Array.Resize(ref OccurrenceStep, o * 2);
            Array.Resize(ref OccurrenceBefore, o * 2);
            Array.Resize(ref WriteBefore, o * 2);
        }

        OccurrenceStep[o] = step;
        OccurrenceBefore[o] = location.LastOccurrence;
        WriteBefore[o] = location.LastWrite;
        location.LastOccurrence = o;
        if (writes)
            location.LastWrite = o;
        return o;
    }

    private void RemoveOccurrence(Location location)
    {
        int o = --_occurrences;
        location.LastOccurrence = OccurrenceBefore[o];
        location.LastWrite = WriteBefore[o];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int i)
    {
        int capacity = Math.Max(Events.Length * 2, i + 1);
        Array.Resize(ref Events, capacity);
        Array.Resize(ref _clocks, capacity * Clock.Lanes);
        Array.Resize(ref _before, capacity * Clock.Lanes);
    }
}
