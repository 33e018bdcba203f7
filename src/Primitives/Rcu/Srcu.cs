using System.Globalization;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// # Counters. There are two indices, 0 and 1, one of which is current. Whoever enters reads the current index, adds one to
// locks of that index and keeps the index until it leaves, when it adds one to unlocks of it. Counters are spread over slots,
// so that threads do not share them; an index is drained when, summed over all slots, its unlocks equal its locks.
//
// # Why unlocks are summed first. A sum takes time, and readers come and go meanwhile. A reader that is counted in unlocks has
// been counted in locks before, so locks read later cannot miss it: unlocks summed first can only be too small for the locks
// summed after them, and equal sums mean that nobody was inside when the second began. The other way round, a reader that
// comes and goes between the sums would make up for another that is still inside.
//
// # Why two scans. A thread that has read the index and not yet counted itself cannot be seen, and may count itself under
// an index that has long been drained (B42). So a grace period first drains the index that is not current, of those who were
// late in the last one, then makes it current, and drains the other.
//
// Barriers, and what each pairs with:
//
//   reader                                    updater
//   Lock:   locks[index] + 1, full    (1)     Synchronize: …what the callers changed
//           loads of the reader                            full barrier            (A)
//   Unlock: …loads of the reader                           sums unlocks
//           unlocks[index] + 1, full  (2)                  full barrier            (B)
//           looks at waited                                sums locks
//                                                          full barrier            (C)
//                                                          …frees what was removed
//                                             Sleep:       waited = 1
//                                                          full barrier            (D)
//                                                          sums again
//
// (1) and (A): the sum of locks sees the reader, or the reader sees what was changed. (2) and (C): who is counted in unlocks
// has done its loads. (1), (2) and (B): who is counted in unlocks is counted in locks. (2) and (D): as everywhere, one of us
// sees that the other is there.

/// <summary>
/// RCU whose readers may sleep: each domain counts its own readers, and a grace period waits for those of its domain only.
/// No registration; a reader costs two atomic additions.
/// </summary>
/// <remarks>Kernel: SRCU, srcu_read_lock(), srcu_read_unlock(), synchronize_srcu().</remarks>
public class Srcu : GracePeriods
{
    /// <summary>Over how many slots the readers of real threads are spread unless said otherwise.</summary>
    public const int SlotsDefault = 16;

    private readonly Slot[] _slots;
    private Cell<int> _index;
    private Cell<int> _waited;

    /// <summary>Creates a domain without readers.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="slots">
    /// Over how many slots readers are spread; if null, <see cref="SlotsDefault"/> on real threads and one under a controller.
    /// </param>
    public Srcu(string name = "srcu", int? slots = null)
        : base(name)
    {
        int count = slots ?? (Hook.Enabled && Hook.Current is not null ? 1 : SlotsDefault);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(slots));
        _index = new Cell<int>(this, 0, "index");
        _waited = new Cell<int>(this, 0, "waited");
        _slots = new Slot[count];
        for (int i = 0; i < count; i++)
            _slots[i] = new Slot(i);
    }

    /// <summary>Enters a reader, which may sleep. Kernel: srcu_read_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>The index that must be given back to <see cref="Unlock"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Lock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Enter(this, file, line);

        // Relaxed: an index that is out of date is what the first scan is for.
        int index = _index.ReadOnce();

        // Full is (1), pairs with (A) and (B).
        Locks(CurrentSlot, index).FetchAdd(1, Order.Full);
        return index;
    }

    /// <summary>Leaves a reader. Kernel: srcu_read_unlock().</summary>
    /// <param name="index">What <see cref="Lock"/> gave.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock(int index, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Leave(this, reader: null, file, line);

        // Full is (2), pairs with (B), (C) and (D).
        Unlocks(CurrentSlot, index).FetchAdd(1, Order.Full);
        if (_waited.ReadOnce() != 0)
            WakeUpdater();
    }

    /// <summary>Enters a reader until the scope is disposed of: <c>using var r = srcu.Read();</c></summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Section Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => new(this, Lock(file, line));

    /// <inheritdoc/>
    internal override bool IsThreadInside() => true;

    /// <inheritdoc/>
    protected sealed override void WaitForReaders()
    {
        // (A), pairs with (1).
        Fence.Full();

        // Relaxed: only leaders write index, and each has taken the lead from the last one.
        int current = _index.ReadOnce();
        FirstScan(current ^ 1);

        // Relaxed: what a reader sees of our callers it owes to the barriers.
        _index.WriteOnce(current ^ 1);
        SecondScan(current);

        // (C), pairs with (2).
        Fence.Full();
    }

    /// <summary>Waits until nobody is under the index that is not current.</summary>
    /// <param name="index">That index.</param>
    private protected virtual void FirstScan(int index) => Drain(index);

    /// <summary>Waits until nobody is under the index that was current before it changed.</summary>
    /// <param name="index">That index.</param>
    private protected virtual void SecondScan(int index) => Drain(index);

    /// <summary>Whether nobody is under an index.</summary>
    /// <param name="index">The index.</param>
    private protected virtual bool IsDrained(int index)
    {
        ulong unlocks = SumUnlocks(index);

        // (B), pairs with (1) and (2).
        Fence.Full();
        return SumLocks(index) == unlocks;
    }

    /// <summary>How often readers under an index have been left.</summary>
    /// <param name="index">The index.</param>
    private protected ulong SumUnlocks(int index)
    {
        ulong sum = 0;
        foreach (Slot slot in _slots)
            sum += Unlocks(slot, index).ReadOnce();
        return sum;
    }

    /// <summary>How often readers under an index have been entered.</summary>
    /// <param name="index">The index.</param>
    private protected ulong SumLocks(int index)
    {
        ulong sum = 0;
        foreach (Slot slot in _slots)
            sum += Locks(slot, index).ReadOnce();
        return sum;
    }

    // Any slot will do, if threads do not use the same one all the time.
    private Slot CurrentSlot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Slot[] slots = _slots;
            uint number = Hook.Enabled && Hook.Current is { } thread ? (uint)thread.Index : (uint)Thread.GetCurrentProcessorId();
            return slots[number % (uint)slots.Length];
        }
    }

    private static ref Cell<ulong> Locks(Slot slot, int index) => ref index == 0 ? ref slot.Words.Locks0 : ref slot.Words.Locks1;

    private static ref Cell<ulong> Unlocks(Slot slot, int index) =>
        ref index == 0 ? ref slot.Words.Unlocks0 : ref slot.Words.Unlocks1;

    private void Drain(int index)
    {
        if (IsDrained(index))
            return;
        while (true)
        {
            _waited.WriteOnce(1);

            // (D), pairs with (2).
            Fence.Full();
            if (IsDrained(index))
            {
                _waited.WriteOnce(0);
                return;
            }

            // Relaxed: the sums are looked at again.
            Parking.AwaitNotEqual(ref _waited, 1, Order.Relaxed);
        }
    }

    private void WakeUpdater()
    {
        // Relaxed: the woken looks at the sums again.
        _waited.WriteOnce(0);
        Parking.Wake();
    }

    /// <summary>A reader until it is disposed of.</summary>
    public readonly ref struct Section
    {
        private readonly Srcu _srcu;
        private readonly int _index;

        internal Section(Srcu srcu, int index)
        {
            _srcu = srcu;
            _index = index;
        }

        /// <summary>Leaves the reader.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _srcu.Unlock(_index, "", 0);
    }

    private sealed class Slot : SharedObject
    {
        public SlotWords Words;

        public Slot(int number)
            : base(string.Create(CultureInfo.InvariantCulture, $"slot{number}"))
        {
            Words.Locks0 = new Cell<ulong>(this, 0, "locks[0]");
            Words.Locks1 = new Cell<ulong>(this, 0, "locks[1]");
            Words.Unlocks0 = new Cell<ulong>(this, 0, "unlocks[0]");
            Words.Unlocks1 = new Cell<ulong>(this, 0, "unlocks[1]");
        }
    }
}
