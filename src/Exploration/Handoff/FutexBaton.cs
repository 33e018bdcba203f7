using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace RcuModel.Exploration.Handoff;

// # What it costs to wake a thread
//
// A hand-off is nothing but a cache line that moves, 40 to 60 ns, while the receiver runs on a CPU of its own and
// polls. Everything else is the kernel's: 2 to 3.5 us to wake a sleeper on the waker's own CPU (the scheduler's two
// paths, waking and switching, are nearly all of it; no flag, order of calls or policy open to every user changes that
// by more than a tenth), 10 to 25 us to wake one on an idle CPU, which must come out of its halt first. sched_yield
// looks cheaper and is a trap: each call forfeits a time slice, which a busy program on the same CPU then gets, 600 us
// a hand-off. So: never wake across CPUs, poll where there is a CPU to poll on, and have no two threads want the same
// CPU at the same time. Three modes follow (see WaitMode):
//
//   Spinning   workers <= CPUs       each polls on a CPU of its own.
//   Resident   workers <= 2 x CPUs   (two CPUs at least) every worker has a home CPU. Awake there is one of them only,
//                                    the resident: whoever ran last. It polls; the others sleep. Whoever sleeps is
//                                    woken by the resident of its own CPU, which then goes to sleep in its place.
//   Shared     any number            all on one CPU, asleep unless it is their turn. No polling: who polls here keeps
//                                    the holder from running.
//
// # The protocol
//
// Each slot has a word, which the modes share. This is deliberate: a thread may act by the mode of a moment ago, for
// the number of workers changes while they run; modes and places decide how fast a hand-off is, never whether it
// arrives.
//
//     Empty      the worker does not hold the baton, or took it; it is awake. Also a slot not attached.
//     Passed     the baton is here.
//     Asleep     the worker sleeps in the futex, or is about to.
//     Polling    the worker polls as its CPU's resident, and will do an errand.
//     Errand+t   the errand: wake slot t and sleep yourself. The baton is in here too, under way to t.
//
//     Empty   → Asleep, Polling   by the worker, compare-and-swap
//     Polling → Asleep            by the worker, compare-and-swap
//     Polling → Errand+t          by the holder, compare-and-swap
//     any     → Passed            by the holder, or by the worker on an errand for it, exchange
//     Passed, Errand+t → Empty    by the worker
//
// Only one thread at a time, the holder or its errand runner, writes other threads' words, and only one word is then
// Passed or Errand: that is the mutual exclusion. And the worker itself writes its word only by compare-and-swap from a
// state without the baton, or having received it.
//
// # No wake-up is lost
//
// (a) Passed is stored by an exchange whose old value says whether the receiver sleeps, and the receiver falls asleep
//     by a compare-and-swap from Empty or Polling. Both are read-modify-writes of one word, so one of them comes first.
//     If it is the passer's, the compare-and-swap fails and the worker looks again. If it is the worker's, the passer
//     sees Asleep and calls the kernel. The kernel compares the word anew when the worker arrives: either it is Passed
//     by then, not Asleep, and the worker does not sleep; or the worker sleeps already and is woken.
// (b) An errand is only ever given to a word that is Polling, hence to a worker inside Wait, which cannot leave it or
//     fall asleep without a read-modify-write of the same word, which fails, or finding the message. It runs the errand
//     at once, whatever became of the modes. This is why a worker says Polling only inside Wait: between Pass and Wait
//     a thread may be busy for as long as it likes, and must not be sent on errands.
//
// # Two on one CPU never both poll
//
// The holder first writes the new resident of the receiver's home, then tries to give the old one its errand; the old
// one says Polling first, then reads whether it is still resident:
//
//     holder                                   worker r, on its way to poll
//       Resident[c] = t                          Word[r]: Empty → Polling  (compare-and-swap)
//       Word[r]: Polling → Errand+t (c.a.s.)     read Resident[c]
//
// a store-buffering shape with a full barrier in either thread, so that not both can miss the other: either the holder
// sees Polling and r runs the errand, or r sees t and goes to sleep, and the holder passes to t directly. That the
// passer itself, when it passes to a sleeper of its own CPU, does not poll afterwards is the same case: its own word is
// Empty. Were this wrong, a CPU would be wasted for PatienceMax, and nothing else.
//
// # Changing modes
//
// Attach, Detach and Refresh make a new Plan and then raise the version in the header. Workers compare it with the one
// they have adopted when they wait, while they poll, and before they return from Wait; an adopting thread moves itself.
// One that sleeps through several changes adopts the last of them when it is woken.

/// <summary>
/// The baton on Linux: pinned workers that poll while each has a CPU of its own, and sleep in a futex otherwise.
/// </summary>
/// <remarks>The essay at the head of the file has the protocol and the proofs.</remarks>
internal sealed unsafe class FutexBaton : Baton
{
    // States of a word; see the essay. Messages are positive, so that a poll is one comparison.
    private const int Empty = 0;
    private const int Asleep = -1;
    private const int Polling = -2;
    private const int Passed = 1;
    private const int Errand = 2;

    // Two lines of 64 bytes: the prefetcher fetches them in pairs, and arm64 has lines of 128.
    private const int Line = 128;

    // Polls before the clock is first looked at. A hand-off that goes well is over after one or two dozen.
    private const int HotPolls = 64;

    // How long a worker polls before it sleeps: a few times what it costs to wake it again, so that an exploration with
    // something slow to do burns no second CPU meanwhile, and one that hands off now and then need not ask the kernel.
    private static readonly long s_patienceMax = Stopwatch.Frequency / 10_000;

    private readonly CpuLease _lease;
    private readonly Lock _planning = new();

    // On the pinned object heap, not outside the collector's: the last passer may still be about to wake the word of a
    // receiver that has already ended the exploration. Nothing is freed under its feet.
    private readonly byte[] _memory;
    private readonly Header* _header;
    private readonly Slot* _slots;

    private volatile Plan _plan;
    private uint _attached;

    public FutexBaton(CpuLease lease)
    {
        _lease = lease;
        _memory = GC.AllocateArray<byte>(sizeof(Header) + (MaxSlots * sizeof(Slot)) + (2 * Line), pinned: true);
        nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        _header = (Header*)((start + Line - 1) & ~(nint)(Line - 1));
        _slots = (Slot*)(_header + 1);
        for (int home = 0; home < MaxSlots; home++)
            _header->Resident[home] = -1;

        Replan();
    }

    /// <inheritdoc/>
    public override WaitMode Mode => _header->Mode;

    /// <inheritdoc/>
    public override void Attach(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)MaxSlots);
        lock (_planning)
        {
            if ((_attached & 1u << slot) != 0)
                throw new InvalidOperationException($"Slot {slot} has a worker already.");

            _attached |= 1u << slot;
            Replan();
        }

        Slot* me = &_slots[slot];
        me->Cpu = -1;
        Adopt(slot, me);
    }

    /// <inheritdoc/>
    public override void Detach(int slot)
    {
        Debug.Assert(_slots[slot].Word == Empty, "A worker leaves with the baton.");
        lock (_planning)
        {
            _attached &= ~(1u << slot);
            Replan();
        }

        Linux.Unpin(_lease.Allowed);
    }

    /// <inheritdoc/>
    public override void Refresh()
    {
        lock (_planning)
            Replan();
    }

    /// <inheritdoc/>
    public override void Pass(int slot)
    {
        Debug.Assert((uint)slot < MaxSlots);
        if (_header->Mode == WaitMode.Resident && SendErrand(slot))
            return;

        Deliver(&_slots[slot]);
    }

    /// <inheritdoc/>
    public override void Wait(int slot)
    {
        Debug.Assert((uint)slot < MaxSlots);
        Slot* me = &_slots[slot];
        if (_header->Mode == WaitMode.Spinning)
        {
            for (int polls = 0; polls < HotPolls; polls++)
            {
                // Acquire: pairs with the exchange in Deliver.
                if (Volatile.Read(ref me->Word) == Passed)
                {
                    if (me->Version != _header->Version)
                        break;

                    // Plain: nobody else writes this word before this thread has passed the baton on, and Deliver's
                    // exchange, which does that, is a full barrier.
                    me->Word = Empty;
                    return;
                }

                Pause();
            }
        }

        WaitLong(slot, me);
    }

    /// <inheritdoc/>
    public override void Dispose() => Debug.Assert(_attached == 0, "A worker is still attached.");

    // Puts the baton into the word and wakes its worker if it sleeps. Nothing of this object is touched afterwards:
    // the receiver may be running.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Deliver(Slot* to)
    {
        // A full barrier. As a release it pairs with the acquiring reads in Wait, Poll and WaitLong; as a
        // read-modify-write with the compare-and-swap in Sleep, case (a) of the essay.
        if (Interlocked.Exchange(ref to->Word, Passed) == Asleep)
            Linux.Wake(&to->Word);
    }

    // Has the resident of the receiver's home wake the receiver. False if there is nobody to send: the receiver is the
    // resident itself, or the resident sleeps, or is the caller.
    private bool SendErrand(int slot)
    {
        int home = _plan.Homes[slot];
        int* resident = &_header->Resident[home];
        int former = *resident;
        if (former == slot)
            return false;

        // Ordered before the compare-and-swap, which is a full barrier; pairs with the two steps of BecomeResident.
        Volatile.Write(ref *resident, slot);

        // As a release it pairs with the acquiring reads in Poll and WaitLong.
        return former >= 0 && Interlocked.CompareExchange(ref _slots[former].Word, Errand + slot, Polling) == Polling;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitLong(int slot, Slot* me)
    {
        long deadline = 0;
        for (; ; )
        {
            if (me->Version != Volatile.Read(ref _header->Version))
                Adopt(slot, me);

            // Acquire: pairs with the exchange in Deliver and the compare-and-swap in SendErrand.
            int word = Volatile.Read(ref me->Word);
            if (word == Passed)
                break;

            if (word >= Errand)
            {
                // Before Deliver: once the receiver runs, it may pass the baton to this slot. Ordered by its exchange.
                me->Word = Empty;
                Deliver(&_slots[word - Errand]);
                continue;
            }

            WaitMode mode = _header->Mode;
            bool polls = mode == WaitMode.Spinning || (mode == WaitMode.Resident && BecomeResident(slot, me));
            if (!polls || !Poll(me, ref deadline))
                Sleep(me);
        }

        // Plain, as in Wait.
        me->Word = Empty;
    }

    // Says that this worker polls as resident of its home, if it is that. Otherwise it has to sleep.
    private bool BecomeResident(int slot, Slot* me)
    {
        int* resident = &_header->Resident[_plan.Homes[slot]];
        if (Volatile.Read(ref *resident) != slot)
            return false;

        // A full barrier between the store of Polling and the second read; pairs with the store and the
        // compare-and-swap in SendErrand. If it fails, there is a message, or the word is Polling already.
        Interlocked.CompareExchange(ref me->Word, Polling, Empty);
        return Volatile.Read(ref *resident) == slot;
    }

    // Polls until there is a message or a new plan: true. False when it has taken too long.
    private bool Poll(Slot* me, ref long deadline)
    {
        if (deadline == 0)
            deadline = Stopwatch.GetTimestamp() + s_patienceMax;

        int adopted = me->Version;
        do
        {
            for (int polls = 0; polls < HotPolls; polls++)
            {
                if (Volatile.Read(ref me->Word) > 0 || Volatile.Read(ref _header->Version) != adopted)
                    return true;

                Pause();
            }
        }
        while (Stopwatch.GetTimestamp() < deadline);

        return false;
    }

    // Sleeps until there is a message; returns at once if there is one already.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Sleep(Slot* me)
    {
        int word = Volatile.Read(ref me->Word);

        // Fails only if a message came in between; pairs with the exchange in Deliver, case (a), and the
        // compare-and-swap in SendErrand, case (b).
        if (word > 0 || Interlocked.CompareExchange(ref me->Word, Asleep, word) != word)
            return;

        // The kernel returns early for signals, with which the runtime stops threads for a collection.
        do
            Linux.Wait(&me->Word, Asleep);
        while (Volatile.Read(ref me->Word) == Asleep);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pause()
    {
        // Not Thread.SpinWait(1), which is a call and a calibrated, longer pause.
        if (X86Base.IsSupported)
            X86Base.Pause();
        else if (ArmBase.IsSupported)
            ArmBase.Yield();
    }

    // Moves the calling worker to its place in the present plan.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Adopt(int slot, Slot* me)
    {
        Plan plan = _plan;
        int cpu = plan.Cpus[slot];

        // A refusal changes only where the thread runs.
        if (cpu >= 0 && cpu != me->Cpu)
            Linux.Pin(cpu);

        me->Cpu = cpu;
        me->Version = plan.Version;
    }

    // Gives every attached worker its place. Under _planning, or in the constructor.
    [MemberNotNull(nameof(_plan))]
    private void Replan()
    {
        ReadOnlySpan<int> cpus = _lease.Cpus;
        int workers = BitOperations.PopCount(_attached);
        WaitMode mode =
            cpus.Length == 0 ? WaitMode.Shared
            : workers <= cpus.Length ? WaitMode.Spinning
            : cpus.Length >= 2 && workers <= 2 * cpus.Length ? WaitMode.Resident
            : WaitMode.Shared;

        var plan = new Plan(_header->Version + 1);
        int rank = 0;
        for (int slot = 0; slot < MaxSlots; slot++)
        {
            if ((_attached & 1u << slot) == 0)
                continue;

            // By rank, so that with workers coming in the order of their slots those who are there stay where they are.
            int home = mode == WaitMode.Shared ? 0 : rank++ % cpus.Length;
            plan.Homes[slot] = home;
            plan.Cpus[slot] = cpus.Length == 0 ? _lease.SharedCpu : cpus[home];
        }

        // In this order: whoever sees the new version finds a plan at least as new; pairs with WaitLong and Poll.
        _plan = plan;
        _header->Mode = mode;
        Volatile.Write(ref _header->Version, plan.Version);
    }

    // Where the workers live. Immutable once published.
    private sealed class Plan
    {
        public readonly int Version;
        public readonly int[] Homes = new int[MaxSlots];
        public readonly int[] Cpus = new int[MaxSlots];

        public Plan(int version)
        {
            Version = version;
            Cpus.AsSpan().Fill(-1);
        }
    }

    // What all workers read and few write: the plan's summary in the first line, the residents in the second.
    [StructLayout(LayoutKind.Explicit, Size = 2 * Line)]
    private struct Header
    {
        [FieldOffset(0)]
        public int Version;

        [FieldOffset(4)]
        public WaitMode Mode;

        // By home. Written by the holder; read, besides, by a worker about to poll.
        [FieldOffset(Line)]
        public fixed int Resident[MaxSlots];
    }

    // One worker's line. All but the word is its own.
    [StructLayout(LayoutKind.Explicit, Size = Line)]
    private struct Slot
    {
        [FieldOffset(0)]
        public int Word;

        // Of the plan adopted, and the CPU pinned to.
        [FieldOffset(4)]
        public int Version;

        [FieldOffset(8)]
        public int Cpu;
    }
}
