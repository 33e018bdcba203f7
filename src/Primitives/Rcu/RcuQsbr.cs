using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// # Words. gp counts grace periods. A thread's ctr is 0 while it is offline; otherwise it is the number that gp had when
// the thread last said that it is in no reader. A grace period adds to gp and waits until each thread is offline or has
// taken over the new number. One wait is enough: gp never comes back to an earlier value, so a thread that loaded gp long ago
// and stores it now is seen to be behind.
//
// Barriers, and what each pairs with:
//
//   thread                                    updater
//   Online:     ctr = gp                      Synchronize: …what the callers changed
//               full barrier          (1)                  full barrier            (A)
//               loads of readers                           gp = gp + 1
//   Quiescent:  …loads of readers                          looks at ctr
//               gp, acquire           (2)                  full barrier            (B)
//               ctr = gp, release     (3)                  …frees what was removed
//               full barrier          (4)     Sleep:       waited = 1
//               looks at waited                            full barrier            (C)
//                                                          looks at ctr
//
// (1) and (A): store buffering between ctr and what the callers changed: we find the thread online, or its loads see the
// change. (2) and (A): who has loaded the new number sees what was changed before it, as a message. (3) and (B): who has
// stored the new number is done with the loads before. (4) and (C): store buffering between ctr and waited. Offline stores 0
// with (3) and (4).

/// <summary>
/// RCU whose readers cost nothing: a thread is taken to be in a reader all the time, except where it says that it is
/// not. For threads that come to such a place regularly, as the top of a loop.
/// </summary>
/// <remarks>
/// <para>
/// A registered thread must call <see cref="QuiescentState(RcuReader, string, int)"/> again and again, or
/// <see cref="Offline(RcuReader, string, int)"/> before it sleeps or ends; until it does, no grace period ends.
/// <see cref="Synchronize"/> takes the calling thread offline for as long as it waits.
/// </para>
/// <para>liburcu: urcu-qsbr.</para>
/// </remarks>
public sealed class RcuQsbr : Rcu, IRcuFlavour
{
    private LonelyWord _gp;

    // What threads must have taken over; the leader's.
    private Plain<ulong> _target;

    /// <summary>Creates a domain without readers.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="options">How its grace periods wait.</param>
    public RcuQsbr(string name = "rcu", RcuOptions? options = null)
        : base(name, options)
    {
        _gp.Value = new Cell<ulong>(this, 1, "gp");
        _target = new Plain<ulong>(this, 1, "target");
    }

    /// <summary>Enters a reader, for the checks; the thread must be online. Kernel: rcu_read_lock().</summary>
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Lock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            CheckedEnter(reader, file, line);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override void Unlock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Leave(this, reader, file, line);
    }

    /// <summary>Enters a reader until the scope is disposed of: <c>using var r = rcu.Read(handle);</c></summary>
    /// <param name="reader">The calling thread's handle.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RcuSection<RcuQsbr> Read(RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Lock(reader, file, line);
        return new RcuSection<RcuQsbr>(reader);
    }

    /// <summary>Enters a reader with the thread's own handle until the scope is disposed of.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RcuSection<RcuQsbr> Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Read(ThreadReader, file, line);

    /// <summary>
    /// Says that the calling thread is in no reader at this moment. Costs a load and a comparison unless a grace period
    /// waits. liburcu: rcu_quiescent_state().
    /// </summary>
    /// <param name="reader">The calling thread's handle.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void QuiescentState(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Outside(this, nameof(QuiescentState), file, line);

        // Acquire is (2) and pairs with (A).
        ulong gp = _gp.Value.LoadAcquire();
        if (gp != reader.Words.Ctr.ReadOnce())
            Pass(reader, gp);
    }

    /// <summary>
    /// Says that the calling thread will be in no reader until it calls <see cref="Online(RcuReader)"/>: grace periods
    /// do not wait for it. liburcu: rcu_thread_offline().
    /// </summary>
    /// <param name="reader">The calling thread's handle.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Offline(RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Outside(this, nameof(Offline), file, line);
        Pass(reader, 0);
    }

    /// <summary>Says that the calling thread may be in a reader from now on. liburcu: rcu_thread_online().</summary>
    /// <param name="reader">The calling thread's handle.</param>
    public void Online(RcuReader reader)
    {
        // Relaxed: any number will do that is not newer than gp; an old one is waited for needlessly.
        reader.Words.Ctr.WriteOnce(_gp.Value.ReadOnce());

        // (1), pairs with (A).
        Fence.Full();
    }

    /// <inheritdoc/>
    public override void Synchronize([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.WaitForReaders(this, nameof(Synchronize), file, line);
        WithoutReaders((this, file, line), static call => call.Item1.SynchronizeOffline(call.file, call.line));
    }

    /// <summary>Whoever leads waits for all threads that are online, and who waits for a leader can say nothing.</summary>
    /// <inheritdoc/>
    internal override void WithoutReaders<T>(T argument, Action<T> wait)
    {
        // Owners are compared with the caller only, and ctr is read only of its own readers.
        foreach (RcuReader reader in Readers())
        {
            if (ReferenceEquals(reader.Owner, RcuUsage.Thread) && reader.Words.Ctr.ReadOnce() != 0)
            {
                reader.IsAway = true;
                Pass(reader, 0);
            }
        }

        wait(argument);
        foreach (RcuReader reader in Readers())
        {
            if (ReferenceEquals(reader.Owner, RcuUsage.Thread) && reader.IsAway)
            {
                reader.IsAway = false;
                Online(reader);
            }
        }
    }

    /// <inheritdoc/>
    protected override void WaitForReaders()
    {
        // (A), pairs with (1), with (2) and with the barrier of Register.
        UpdaterFence();

        // Relaxed: only leaders write gp, and each has taken the lead from the last one.
        ulong next = _gp.Value.ReadOnce() + 1;
        _target.Write(next);
        _gp.Value.WriteOnce(next);
        foreach (RcuReader reader in Readers())
            WaitFor(reader);

        // (B), pairs with (3).
        UpdaterFence();
    }

    /// <inheritdoc/>
    protected override void UpdaterFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Fence.Full(file, line);

    private protected override bool IsInside(ulong ctr) => ctr != 0;

    private protected override bool Blocks(ulong ctr) => ctr != 0 && ctr < _target.Read();

    private protected override ulong AwaitPassed(RcuReader reader)
    {
        ulong target = _target.Read();

        // Relaxed: (B) takes in what the threads did.
        return reader.Words.Ctr.Await(ctr => ctr == 0 || ctr >= target, Order.Relaxed);
    }

    private protected override void AfterRegister(RcuReader reader) => Online(reader);

    private protected override void BeforeUnregister(RcuReader reader)
    {
        if (reader.Words.Ctr.ReadOnce() != 0)
            Pass(reader, 0);
    }

    private void SynchronizeOffline(string file, int line) => base.Synchronize(file, line);

    private static void Pass(RcuReader reader, ulong gp)
    {
        // Release is (3) and pairs with (B).
        reader.Words.Ctr.StoreRelease(gp);

        // (4), pairs with (C).
        Fence.Full();
        if (reader.Words.Waited.ReadOnce() != 0)
            reader.WakeUpdater();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CheckedEnter(RcuReader reader, string file, int line)
    {
        if (reader.Words.Ctr.ReadOnce() == 0)
            RcuUsage.Suspicious(file, line, $"{reader} is entered while the thread is offline, so no grace period waits for it");
        RcuUsage.OfThread.Enter(reader, file, line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void IRcuFlavour.Leave(RcuReader reader)
    {
        // A reader is over with the next quiescent state, not before.
    }
}
