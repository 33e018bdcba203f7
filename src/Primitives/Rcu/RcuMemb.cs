using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// Barriers, and what each pairs with:
//
//   reader                                    updater
//   Lock:   ctr = gp                          Synchronize: …what the callers changed
//           compiler barrier          (1)                  process-wide barrier    (A)
//           loads of the reader                            looks at ctr
//   Unlock: …loads of the reader                           looks at ctr
//           release                   (2)                  process-wide barrier    (B)
//           ctr - 1                                        …frees what was removed
//           compiler barrier          (3)     Sleep:       waited = 1
//           looks at waited                                process-wide barrier    (C)
//                                                          looks at ctr
//
// The process-wide barrier runs in every thread of the process, wherever it is. It stands somewhere in the reader's program,
// and all that comes before that place comes before it. (1) and (A): if it falls before the store of ctr, the loads of the
// reader see what was changed; if after, we see ctr. (2) and (B): we have seen a count of 0, so the barrier falls behind that
// store, and behind the loads before it. (3) and (C): as (1) and (A), with waited for what was changed.

/// <summary>
/// RCU whose readers have no barrier: the updater makes every running thread execute one. Readers cost a nanosecond, a
/// grace period tens of microseconds if others run: for data that are read all the time and hardly ever changed.
/// </summary>
/// <remarks>liburcu: urcu-memb, with membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED).</remarks>
public sealed class RcuMemb : TwoPhaseRcu, IRcuFlavour
{
    /// <summary>Creates a domain without readers.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="options">How its grace periods wait.</param>
    public RcuMemb(string name = "rcu", RcuOptions? options = null)
        : base(name, options)
    {
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Lock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Enter(reader, file, line);
        Enter(reader);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Unlock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Leave(this, reader, file, line);
        Leave(reader);
    }

    /// <summary>Enters a reader until the scope is disposed of: <c>using var r = rcu.Read(handle);</c></summary>
    /// <param name="reader">The calling thread's handle.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RcuSection<RcuMemb> Read(RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Enter(reader, file, line);
        Enter(reader);
        return new RcuSection<RcuMemb>(reader);
    }

    /// <summary>Enters a reader with the thread's own handle until the scope is disposed of.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RcuSection<RcuMemb> Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Read(ThreadReader, file, line);

    /// <inheritdoc/>
    protected override void UpdaterFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Fence.ProcessWide(file, line);

    // (A), pairs with (1).
    private protected override void FenceReaders() => UpdaterFence();

    // Relaxed: the barrier orders.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter(RcuReader reader)
    {
        ulong ctr = reader.Words.Ctr.ReadOnce();
        ulong inside = ctr + Count;
        if ((ctr & CountMask) == 0)
            inside = Gp.Value.ReadOnce();
        reader.Words.Ctr.WriteOnce(inside);

        // (1), pairs with (A).
        Fence.Compiler();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(RcuReader reader)
    {
        // Release is (2) and pairs with (B). A compiler barrier would do; on x64 neither is an instruction.
        reader.Words.Ctr.AddOwned(Minus, Order.Release);

        // (3), pairs with (C). Who is still in a reader looks too, for that costs less than to ask: it wakes in vain.
        Fence.Compiler();
        if (reader.Words.Waited.ReadOnce() != 0)
            reader.WakeUpdater();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IRcuFlavour.Leave(RcuReader reader) => Leave(reader);
}
