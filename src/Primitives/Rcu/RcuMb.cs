using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// Barriers, and what each pairs with:
//
//   reader                                    updater
//   Lock:   ctr = gp                          Synchronize: …what the callers changed
//           full barrier              (1)                  full barrier            (A)
//           loads of the reader                            looks at ctr
//   Unlock: …loads of the reader                           looks at ctr
//           release                   (2)                  full barrier            (B)
//           ctr = 0                                        …frees what was removed
//           full barrier              (3)     Sleep:       waited = 1
//           looks at waited                                full barrier            (C)
//                                                          looks at ctr
//
// (1) and (A), (3) and (C) are store buffering: each side stores, then loads what the other side stores, and of the two loads
// at least one sees the other's store. (2) and (B): the updater has seen ctr = 0, so the loads before it are done.

/// <summary>
/// RCU whose readers carry their own barriers. Readers cost a few nanoseconds, a grace period well under a microsecond:
/// for data that are also changed often, or where nothing may disturb the other threads.
/// </summary>
/// <remarks>liburcu: urcu-mb.</remarks>
public sealed class RcuMb : TwoPhaseRcu
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
        ulong inside = reader.Words.Ctr.ReadOnce();
        Leave(reader, (inside & CountMask) <= Count ? 0 : inside - Count);
    }

    /// <summary>Enters a reader until the scope is disposed of: <c>using var r = rcu.Read(handle);</c></summary>
    /// <param name="reader">The calling thread's handle.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Section Read(RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Enter(reader, file, line);
        return new Section(reader, Enter(reader));
    }

    /// <summary>Enters a reader with the thread's own handle until the scope is disposed of.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Section Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Read(ThreadReader, file, line);

    /// <inheritdoc/>
    protected override void UpdaterFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Fence.Full(file, line);

    // Gives what ctr was. A reader inside of another needs no barrier: the outer one stands for it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Enter(RcuReader reader)
    {
        ulong outside = reader.Words.Ctr.ReadOnce();
        if (outside != 0)
        {
            reader.Words.Ctr.WriteOnce(outside + Count);
            return outside;
        }

        reader.Words.Ctr.WriteOnce(Gp.Value.ReadOnce());

        // (1), pairs with (A).
        Fence.Full();
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(RcuReader reader, ulong outside)
    {
        // Release is (2) and pairs with (B).
        reader.Words.Ctr.StoreRelease(outside);
        if (outside != 0)
            return;

        // (3), pairs with (C).
        Fence.Full();
        if (reader.Words.Waited.ReadOnce() != 0)
            reader.WakeUpdater();
    }

    /// <summary>A reader until it is disposed of. Scopes end in the opposite order of their beginning.</summary>
    public readonly ref struct Section
    {
        private readonly RcuReader _reader;
        private readonly ulong _outside;

        internal Section(RcuReader reader, ulong outside)
        {
            _reader = reader;
            _outside = outside;
        }

        /// <summary>Leaves the reader.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (RcuChecks.On)
                RcuUsage.OfThread.Leave(_reader.Domain, _reader, "", 0);
            Leave(_reader, _outside);
        }
    }
}
