namespace RcuModel.Primitives;

// # Words. A reader's ctr has a count, which is 0 outside, and a phase, which means nothing outside. Whoever enters copies gp
// into it, which holds the current phase and a count of one; readers inside of readers add to the count. gp flips between the
// two phases, once in each grace period.
//
// # Why two waits. A thread that has loaded gp and not yet stored ctr cannot be seen. It may do so much later, when gp has
// been flipped, and then looks like a reader of the old phase although it has begun after the flip. So a reader's phase says
// nothing certain about when it began; but one wait for "nobody is in the old phase" and, after the flip, one for "nobody is
// in the phase that was current" leaves no reader that was there at the beginning:
//
//   first wait    until each reader is out, or in the current phase. This catches the latecomers of earlier flips. A reader
//                 that is out here has been out since the beginning, and needs no second look.
//   flip          readers that enter from now on, and load gp from now on, are in the new phase.
//   second wait   until each of the others is out, or in the new phase.
//
// With the second wait alone, a latecomer of the last flip has a phase that is current again after this flip, and is taken
// for new: its memory is freed while it reads. With the first wait alone, and no flip, an updater might wait for ever, since
// readers come and go in the current phase.
//
// # Nobody registered. Then there is nobody to wait for, nor any word whose last store could be under way: who registers does so
// with a full barrier, so either we find it in the registry or its readers see what our callers have done. That takes a full
// barrier of ours and no process-wide one. It must be the registry that is empty, not every reader outside: a reader of
// RcuMemb may have said that it is inside, and nobody see it yet.
//
// The flip needs no barrier to either side. If it became visible before the loads of the first wait were done, or after the
// loads of the second, readers would be waited for that need not be, and no less.

/// <summary>
/// What <see cref="RcuMemb"/> and <see cref="RcuMb"/> have in common: grace periods in two phases. They differ in what
/// orders a reader's word with what it reads.
/// </summary>
/// <remarks>liburcu: synchronize_rcu() of urcu.c (Desnoyers, McKenney, Stern, Dagenais, Walpole, 2012).</remarks>
public abstract class TwoPhaseRcu : Rcu
{
    internal const ulong Count = 1;
    internal const ulong Minus = unchecked(0 - Count);
    internal const ulong CountMask = 0xFFFF_FFFF;

    private const ulong Phase = 1UL << 32;

    private static readonly Func<ulong, bool> s_outOfPhase0 = static ctr => !IsInside(ctr, 0);
    private static readonly Func<ulong, bool> s_outOfPhase1 = static ctr => !IsInside(ctr, Phase);

    /// <summary>What a thread copies that enters.</summary>
    internal LonelyWord Gp;

    [ThreadPrivate("the leader of the grace period")]
    private RcuReader[] _waitedFor = [];

    [ThreadPrivate("the leader of the grace period")]
    private int _waitedForCount;

    // The phase in which a reader keeps the wait under way; the leader's.
    private Plain<ulong> _oldPhase;

    /// <summary>Creates a domain in its first phase.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="options">How its grace periods wait.</param>
    protected TwoPhaseRcu(string name, RcuOptions? options = null)
        : base(name, options)
    {
        Gp.Value = new Cell<ulong>(this, Count, "gp");
        _oldPhase = new Plain<ulong>(this, Phase, "oldPhase");
    }

    /// <inheritdoc/>
    protected sealed override void WaitForReaders()
    {
        // Pairs with the full exchange of Register: whom we do not find in the registry, sees what our callers have done.
        Fence.Full();
        RcuReader[] readers = Readers();
        if (IsNobodyToWaitFor(readers))
        {
            // Orders what those did who have left the registry before what our callers do next.
            Fence.Full();
            return;
        }

        FenceReaders();
        if (_waitedFor.Length < readers.Length)
            _waitedFor = new RcuReader[readers.Length];
        readers.CopyTo(_waitedFor, 0);
        _waitedForCount = readers.Length;

        FirstWait();
        Flip();
        SecondWait();
        Array.Clear(_waitedFor, 0, readers.Length);

        // Pairs with the barrier before the store of ctr in Unlock: what a reader did whom we have seen outside comes before
        // whatever our callers do next.
        UpdaterFence();
    }

    /// <summary>Whether the grace period is over before it begins.</summary>
    /// <param name="registered">The readers that were registered after what the callers have done.</param>
    private protected virtual bool IsNobodyToWaitFor(RcuReader[] registered) => registered.Length == 0;

    /// <summary>
    /// Pairs with what a reader has between its store of ctr and its loads: a reader whom we do not see inside from now on
    /// sees what our callers have done. Where that is a full barrier, the one before this is its other side already.
    /// </summary>
    private protected virtual void FenceReaders()
    {
    }

    /// <summary>Waits for readers in the phase that is not current, and drops those that it finds outside.</summary>
    protected virtual void FirstWait()
    {
        // Relaxed here and in Flip: only leaders write gp, and each has taken the lead from the last one.
        _oldPhase.Write(~Gp.Value.ReadOnce() & Phase);
        int left = 0;
        for (int i = 0; i < _waitedForCount; i++)
        {
            if ((WaitFor(_waitedFor[i]) & CountMask) != 0)
                _waitedFor[left++] = _waitedFor[i];
        }

        _waitedForCount = left;
    }

    /// <summary>Makes the other phase the current one.</summary>
    protected virtual void Flip()
    {
        ulong gp = Gp.Value.ReadOnce();
        _oldPhase.Write(gp & Phase);

        // Relaxed: see above; what a reader sees of our callers it owes to the barriers, not to gp.
        Gp.Value.WriteOnce(gp ^ Phase);
    }

    /// <summary>Waits for readers in the phase that was current before the flip.</summary>
    protected virtual void SecondWait()
    {
        for (int i = 0; i < _waitedForCount; i++)
            WaitFor(_waitedFor[i]);
    }

    private protected sealed override bool IsInside(ulong ctr) => (ctr & CountMask) != 0;

    private protected sealed override bool Blocks(ulong ctr) => IsInside(ctr, _oldPhase.Read());

    // Relaxed: the barrier at the end takes in what the readers did.
    private protected sealed override ulong AwaitPassed(RcuReader reader) => reader.Words.Ctr.Await(
        _oldPhase.Read() == 0 ? s_outOfPhase0 : s_outOfPhase1, Order.Relaxed);

    private static bool IsInside(ulong ctr, ulong phase) => (ctr & CountMask) != 0 && (ctr & Phase) == phase;
}
