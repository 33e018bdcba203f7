using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// Barriers, and what each pairs with:
//
//   reader                                    updater
//   Lock:   ctr = gp                          Synchronize: …what the callers changed
//           compiler barrier          (1)                  process-wide barrier    (A)
//           loads of the reader                            looks at ctr
//   Unlock: …loads of the reader                           looks at ctr
//           compiler barrier          (2)                  process-wide barrier    (B)
//           ctr = 0                                        …frees what was removed
//           compiler barrier          (3)     Sleep:       waited = 1
//           looks at waited                                process-wide barrier    (C)
//                                                          looks at ctr
//
// The process-wide barrier runs in every thread of the process, wherever it is. It stands somewhere in the reader's program,
// and all that comes before that place comes before it. (1) and (A): if it falls before the store of ctr, the loads of the
// reader see what was changed; if after, we see ctr. (2) and (B): we have seen ctr = 0, so the barrier falls behind that
// store, and behind the loads before it. (3) and (C): as (1) and (A), with waited for what was changed.

/// <summary>
/// RCU whose readers have no barrier: the updater makes every running thread execute one. Readers cost a nanosecond, a
/// grace period tens of microseconds if others run: for data that are read all the time and hardly ever changed.
/// </summary>
/// <remarks>liburcu: urcu-memb, with membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED).</remarks>
public sealed class RcuMemb : TwoPhaseRcu
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
        Fence.ProcessWide(file, line);

    // Gives what ctr was. All accesses are relaxed: the barriers order them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Enter(RcuReader reader)
    {
        ulong outside = reader.Words.Ctr.ReadOnce();
        reader.Words.Ctr.WriteOnce(outside == 0 ? Gp.Value.ReadOnce() : outside + Count);

        // (1), pairs with (A).
        Fence.Compiler();
        return outside;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(RcuReader reader, ulong outside)
    {
        // (2), pairs with (B).
        Fence.Compiler();
        reader.Words.Ctr.WriteOnce(outside);
        if (outside != 0)
            return;

        // (3), pairs with (C).
        Fence.Compiler();
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
