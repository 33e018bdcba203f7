using System.Numerics;
using System.Runtime.CompilerServices;
using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Reduction;

/// <summary>What store buffers add to the trace: a lane of its own for each, and loads that see their own thread's stores.</summary>
/// <remarks>
/// <para>
/// A store into a buffer is a local step; its drain, a step of the buffer's lane, is the write to the cell. A load that sees
/// its own thread's store is ordered with neither: whether the store has left the buffer by then makes no difference to it.
/// But it comes before whatever overwrites the store in memory. So in the chain of the cell it stands right behind the
/// drain of the store, even if it was executed before: the drain puts it there.
/// </para>
/// <para>
/// Steps that wait until their thread's buffer is empty come after its last drain. That is a release that lets an acquire
/// through: ordered, and no race.
/// </para>
/// </remarks>
internal sealed partial class Trace
{
    // For each thread, its steps that were stores into the buffer, and for each buffer those that were drains, in order:
    // the n-th drain is that of the n-th store.
    private readonly List<int>[] _stores = new List<int>[Clock.Lanes];
    private readonly List<int>[] _drains = new List<int>[Clock.Lanes];

    /// <summary>What <see cref="OwnDrain"/> gives for a store that is still in the buffer.</summary>
    public const int NotDrained = int.MaxValue;

    /// <summary>Whether threads have store buffers.</summary>
    public bool HasBuffers => _buffers;

    /// <summary>Whether a lane is that of a store buffer, if there are any.</summary>
    public static bool IsBuffer(int lane) => (lane & 1) != 0;

    /// <summary>The thread to which a lane belongs.</summary>
    public int OwnerOf(int lane) => _buffers ? lane & ~1 : lane;

    /// <summary>Whether step i is a drain of this thread's buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOwnDrain(int i, int thread) =>
        _buffers && Events[i].Access.Kind == OperationKind.Drain && Events[i].Access.Parent == thread;

    /// <summary>
    /// Of a load or an await: the drain of the last store that its own thread made to the cell before it; -1 if there is no
    /// such store.
    /// </summary>
    public int OwnDrain(int i)
    {
        ref Event step = ref Events[i];
        if (!IsForwardable(step.Access))
            return -1;
        int store = OwnStore(step.Access, step.Index);
        if (store < 0)
            return -1;
        List<int> drains = _drains[step.Access.Thread];
        return store < drains.Count ? drains[store] : NotDrained;
    }

    /// <summary>The step of its thread that made the store which a load or an await sees in its own buffer.</summary>
    public ushort OwnSource(int i)
    {
        ref Event step = ref Events[i];
        return Events[_stores[step.Access.Thread][OwnStore(step.Access, step.Index)]].Index;
    }

    /// <summary>
    /// The buffers of other threads, as bits, that a process-wide fence has to wait for: those with a store that happens
    /// before the fence and has not reached memory before it. Every other thread can be thought of as having its barrier at
    /// the very beginning of the fence, since all that it has done before has also been drained.
    /// </summary>
    public uint BuffersToWaitFor(int fence)
    {
        uint buffers = 0;
        ref ushort before = ref BeforeOf(fence);
        for (int thread = 0; thread < Clock.Lanes; thread += 2)
        {
            if (thread == Events[fence].Access.Thread)
                continue;
            int store = _stores[thread].Count - 1;
            while (store >= 0 && !Within(_stores[thread][store], ref before))
                store--;
            if (store >= 0 && (store >= _drains[thread].Count || !Within(_drains[thread][store], ref before)))
                buffers |= 2u << thread;
        }

        return buffers;
    }

    /// <summary>
    /// Whether a load, put behind the drain of its own thread's store (which is the occurrence given), happens before that
    /// drain by way of other threads. Then it comes before whatever comes after the drain, whatever is taken away.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool PrecedesOwnDrain(int i, int write) =>
        _buffers && write >= 0 && i < OccurrenceStep[write] && HappensBefore(i, OccurrenceStep[write]);

    // Loads and awaits that may run ahead of their thread's buffer.
    private static bool IsForwardable(in Access access) =>
        access.Kind is OperationKind.Load or OperationKind.Await && (access.Joined & (2u << access.Thread)) == 0;

    // The number of the last store of the thread to the cell before a step of it.
    private int OwnStore(in Access access, int index)
    {
        List<int> stores = _stores[access.Thread];
        int store = stores.Count - 1;
        while (store >= 0 && (Events[stores[store]].Index >= index || Events[stores[store]].Access.First != access.First))
            store--;
        return store;
    }

    // Whether a load is about its cell, or only about its own thread's buffer, is a matter of where it stands.
    private void Localise(ref Access access)
    {
        if (!IsForwardable(access))
            return;
        int store = OwnStore(access, ushort.MaxValue);
        if (store >= _drains[access.Thread].Count)
        {
            access.Place = 0;
            access.Source = Events[_stores[access.Thread][store]].Index;
        }
        else
        {
            access.Reveal();
        }
    }

    // Barriers that process-wide fences cause come in the order in which the fences begin, so that the next step of a buffer is
    // known. Fences that cause none need no order.
    private void OrderFence(int i, ref Access access) =>
        access.Place = BuffersToWaitFor(i) != 0 ? Places.ProcessWideFences : 0;

    private void NoteBuffered(int i)
    {
        ref Access access = ref Events[i].Access;
        if (!IsBuffer(access.Thread))
        {
            if (Places.IsBuffer(access.Place))
                _stores[access.Thread].Add(i);
            return;
        }

        if (access.Kind == OperationKind.BarrierElsewhere)
            return;
        _drains[access.Parent].Add(i);
        if (access.Kind != OperationKind.Drain)
            return;
        int thread = access.Parent;
        for (int index = access.SpawnedAfter + 1; index <= Counts[thread]; index++)
        {
            int load = StepOf(thread, index);
            if (Access.Reveals(access, Events[load].Access))
                _ = AddOccurrence(_places[access.Place], load, writes: false);
        }
    }

    private void ForgetBuffered(in Access access)
    {
        if (!IsBuffer(access.Thread))
        {
            if (Places.IsBuffer(access.Place))
                _stores[access.Thread].RemoveAt(_stores[access.Thread].Count - 1);
        }
        else if (access.Kind != OperationKind.BarrierElsewhere)
        {
            _drains[access.Parent].RemoveAt(_drains[access.Parent].Count - 1);
        }
    }

    private void ComputeBeforeWithBuffers(int row, in Access access)
    {
        ref ushort before = ref BeforeOf(row);
        int thread = access.Thread;
        int steps = Counts[thread];
        if (access.Kind == OperationKind.BarrierElsewhere)
        {
            // Stores that it waits for could be taken away, so they are none of what must come before.
            while (steps > 0 && Events[StepOf(thread, steps)].Access.Kind != OperationKind.BarrierElsewhere)
                steps--;
        }

        if (steps > 0)
            Clock.Copy(ref before, ref ClockOf(StepOf(thread, steps)));
        else
            Clock.Fill(ref before, 0);
        if (access.SpawnedAfter > 0 && (IsBuffer(thread) || (steps == 0 && thread != 0)))
            Clock.Join(ref before, ref ClockOf(StepOf(access.Parent, access.SpawnedAfter)));
        if (IsForwardable(access))
            WaitForPart(ref before, access);

        for (uint left = access.Joined; left != 0; left &= left - 1)
        {
            int joined = BitOperations.TrailingZeroCount(left);
            int last = access.Kind == OperationKind.ProcessWideFenceEnd
                ? BarrierFor(access, joined)
                : IsBuffer(joined) ? LastOf(_drains[joined - 1]) : Counts[joined] > 0 ? StepOf(joined, Counts[joined]) : -1;
            if (last >= 0)
                Clock.Join(ref before, ref ClockOf(last));
        }

        if (access.Kind == OperationKind.RcuSynchronizeEnd)
            JoinReaders(ref before, access);
    }

    // A load of more than its thread's last store to the cell has written waits until that has reached memory.
    private void WaitForPart(ref ushort before, in Access load)
    {
        int store = OwnStore(load, ushort.MaxValue);
        if (store < 0 || store >= _drains[load.Thread].Count)
            return;
        ulong part = Events[_stores[load.Thread][store]].Access.Last;
        if (part != 0 && part != load.Last)
            Clock.Join(ref before, ref ClockOf(_drains[load.Thread][store]));
    }

    private int BarrierFor(in Access fenceEnd, int buffer)
    {
        for (int index = Counts[buffer]; index > 0; index--)
        {
            int i = StepOf(buffer, index);
            ref Access barrier = ref Events[i].Access;
            if (barrier.Kind == OperationKind.BarrierElsewhere && barrier.Parent == fenceEnd.Thread
                && barrier.SpawnedAfter == Counts[fenceEnd.Thread])
            {
                return i;
            }
        }

        return -1;
    }

    private static int LastOf(List<int> steps) => steps.Count > 0 ? steps[^1] : -1;
}
