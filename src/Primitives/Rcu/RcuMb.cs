using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// Barriers, and what each pairs with:
//
//   reader                                    updater
//   Lock:   ctr = gp                          Synchronize: …what the callers changed
//           full barrier              (1)                  full barrier            (A)
//           loads of the reader                            looks at ctr
//   Unlock: …loads of the reader                           looks at ctr
//           ctr - 1, full         (2) (3)                  full barrier            (B)
//                                                          …frees what was removed
//                                             Sleep:       waited = 1
//           looks at waited                                full barrier            (C)
//                                                          looks at ctr
//
// (1) and (A), (3) and (C) are store buffering: each side stores, then loads what the other side stores, and of the two loads
// at least one sees the other's store. (2) and (B): the updater has seen a count of 0, so the loads before it are done.

/// <summary>
/// RCU whose readers carry their own barriers. Readers cost a few nanoseconds, a grace period well under a microsecond:
/// for data that are also changed often, or where nothing may disturb the other threads.
/// </summary>
/// <remarks>liburcu: urcu-mb.</remarks>
public sealed class RcuMb : TwoPhaseRcu, IRcuFlavour
{
    /// <summary>Creates a domain without readers.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="options">How its grace periods wait.</param>
    public RcuMb(string name = "rcu", RcuOptions? options = null)
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
    public RcuSection<RcuMb> Read(RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Enter(reader, file, line);
        Enter(reader);
        return new RcuSection<RcuMb>(reader);
    }

    /// <summary>Enters a reader with the thread's own handle until the scope is disposed of.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RcuSection<RcuMb> Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Read(ThreadReader, file, line);

    /// <inheritdoc/>
    protected override void UpdaterFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Fence.Full(file, line);

    // A reader inside of another needs no barrier: that of the outer one stands for it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter(RcuReader reader)
    {
        if ((reader.Words.Ctr.ReadOnce() & CountMask) != 0)
        {
            reader.Words.Ctr.AddOwned(Count);
            return;
        }

        reader.Words.Ctr.WriteOnce(Gp.Value.ReadOnce());

        // (1), pairs with (A).
        Fence.Full();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(RcuReader reader)
    {
        // Full is (2) and (3) in one: what comes before pairs with (B), what comes behind with (C).
        reader.Words.Ctr.FetchAdd(Minus, Order.Full);

        // Who is still in a reader looks too, for that costs less than to ask: it wakes in vain.
        if (reader.Words.Waited.ReadOnce() != 0)
            reader.WakeUpdater();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IRcuFlavour.Leave(RcuReader reader) => Leave(reader);
}
