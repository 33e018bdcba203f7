using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// Read-copy-update: readers that cost next to nothing, and grace periods that wait for them. Three flavours have this
/// shape and differ in who pays: <see cref="RcuMemb"/>, <see cref="RcuMb"/> and <see cref="RcuQsbr"/>.
/// </summary>
/// <remarks>
/// <para>
/// A reader is a stretch of code between <see cref="Lock(RcuReader, string, int)"/> and
/// <see cref="Unlock(RcuReader, string, int)"/>, or in the scope of a flavour's Read. It may contain another one, does not
/// wait for anybody, must not sleep, and allocates nothing. It is entered either with a handle from
/// <see cref="Register"/>, or without, and then finds the thread's own.
/// </para>
/// <para>
/// The registry is an array that is never changed but replaced, so a grace period reads it in one step. A thread that
/// registers does so with a full barrier: either the grace period sees it, or it sees what was done before the grace period.
/// </para>
/// </remarks>
public abstract class Rcu : GracePeriods
{
    // How long a sleep lasts before the sleeper looks whether the thread it waits for still lives.
    private const int HeartbeatMilliseconds = 50;

    private readonly RcuOptions _options;
    private readonly bool _sleeps;
    private readonly ModelLocal<RcuReader> _ofThread;
    private Ref<ReaderList> _registry;

    /// <summary>Creates a domain without readers.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="options">How its grace periods wait.</param>
    private protected Rcu(string name, RcuOptions? options)
        : base(name)
    {
        _options = options ?? new RcuOptions();
        _sleeps = _options.Sleeps ?? !(Hook.Enabled && Hook.Current is not null);
        _ofThread = new ModelLocal<RcuReader>(() => new RcuReader(this, "reader"));
        _registry = new Ref<ReaderList>(this, ReaderList.Empty, "registry");
    }

    /// <summary>The calling thread's own reader, registered at the first call.</summary>
    public RcuReader ThreadReader
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (Hook.Enabled || Primitives.ThreadReader.t_domain != this)
                return FindThreadReader();
            return Primitives.ThreadReader.t_reader!;
        }
    }

    /// <summary>
    /// Registers the calling thread and gives it the handle with which it enters readers. Must not be called in a reader.
    /// liburcu: rcu_register_thread().
    /// </summary>
    /// <param name="name">What a trace and a report call it.</param>
    public RcuReader Register(string name = "reader")
    {
        var reader = new RcuReader(this, name);
        Enlist(reader);
        return reader;
    }

    /// <summary>Enters a reader, or a further one inside of it. Kernel: rcu_read_lock().</summary>
    /// <param name="reader">The calling thread's handle.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public abstract void Lock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0);

    /// <summary>Leaves the innermost reader. Kernel: rcu_read_unlock().</summary>
    /// <param name="reader">The calling thread's handle.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public abstract void Unlock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0);

    /// <summary>Enters a reader with the thread's own handle. Kernel: rcu_read_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Lock(ThreadReader, file, line);

    /// <summary>Leaves the innermost reader of the thread's own handle. Kernel: rcu_read_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        // Two arms that end here, instead of ThreadReader: the usual one then jumps once, over all that is unusual, and not over
        // the search and again over the wake-up.
        if (Hook.Enabled || Primitives.ThreadReader.t_domain != this)
            UnlockFound(file, line);
        else
            Unlock(Primitives.ThreadReader.t_reader!, file, line);
    }

    /// <summary>
    /// Takes a reader out of the registry. It reports nothing, since it is what unwinds when something else has been found;
    /// who leaves a reader behind is told so at the end of its thread.
    /// </summary>
    internal void Unregister(RcuReader reader)
    {
        // Null, and everything else the same, when an abandoned execution unwinds.
        ReaderList? seen = _registry.ReadOnce();
        if (seen is null || !reader.IsRegistered)
            return;
        BeforeUnregister(reader);
        reader.IsRegistered = false;
        if (Primitives.ThreadReader.t_reader == reader)
            (Primitives.ThreadReader.t_domain, Primitives.ThreadReader.t_reader) = (null, null);
        Remove(reader, seen);
    }

    /// <inheritdoc/>
    internal override bool IsThreadInside()
    {
        // Owners are compared with the caller only, and ctr is read only of its own readers.
        foreach (RcuReader reader in _registry.LoadAcquire()?.Items ?? [])
        {
            if (ReferenceEquals(reader.Owner, RcuUsage.Thread) && IsInside(reader.Words.Ctr.ReadOnce()))
                return true;
        }

        return false;
    }

    /// <summary>The readers registered at the moment.</summary>
    /// <remarks>Acquire pairs with the full exchanges that put a reader in and take it out.</remarks>
    private protected RcuReader[] Readers() => _registry.LoadAcquire()!.Items;

    /// <summary>Whether a thread whose word is this may be in a reader.</summary>
    /// <param name="ctr">The word.</param>
    private protected abstract bool IsInside(ulong ctr);

    /// <summary>What a flavour has to do when a reader has been put into the registry.</summary>
    /// <param name="reader">The reader.</param>
    private protected virtual void AfterRegister(RcuReader reader)
    {
    }

    /// <summary>What a flavour has to do before a reader is taken out.</summary>
    /// <param name="reader">The reader.</param>
    private protected virtual void BeforeUnregister(RcuReader reader)
    {
    }

    /// <summary>
    /// The updater's half of the ordering with readers: whatever was done before it, a reader that enters after it sees;
    /// whatever a reader did that was seen to be out before it, has been done.
    /// </summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    protected abstract void UpdaterFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0);

    /// <summary>Whether the grace period must wait for a reader whose word is this, in the wait that is under way.</summary>
    /// <param name="ctr">The word.</param>
    private protected abstract bool Blocks(ulong ctr);

    /// <summary>Waits in one await until <see cref="Blocks"/> is false of the reader's word, which it gives.</summary>
    /// <param name="reader">The reader.</param>
    private protected abstract ulong AwaitPassed(RcuReader reader);

    /// <summary>Waits until <see cref="Blocks"/> is false of a reader's word, which it gives.</summary>
    /// <param name="reader">The reader.</param>
    private protected ulong WaitFor(RcuReader reader)
    {
        if (!_sleeps)
            return AwaitPassed(reader);
        for (int look = 0; look < _options.LooksMax; look++)
        {
            // Relaxed: what the reader did is taken in by the barrier at the end of the grace period, once for all readers.
            ulong seen = reader.Words.Ctr.ReadOnce();
            if (!Blocks(seen))
                return seen;
            Thread.SpinWait(1);
        }

        return SleepFor(reader);
    }

    // The reader leaves, then looks whether it is waited for; we say that we wait, then look whether it has left. With a
    // barrier between the two on both sides, one of us sees the other, and nobody sleeps for ever.
    private ulong SleepFor(RcuReader reader)
    {
        long slept = 0;
        while (true)
        {
            reader.Words.Waited.WriteOnce(1);

            // Pairs with the barrier between the store of ctr and the load of waited in Unlock.
            UpdaterFence();
            ulong seen = reader.Words.Ctr.ReadOnce();
            if (!Blocks(seen))
            {
                // A reader that has seen the 1 wakes whoever sleeps here next, who looks again as we do.
                reader.Words.Waited.WriteOnce(0);
                return seen;
            }

            if (Hook.Enabled && Hook.Current is not null)
            {
                // Relaxed: ctr is looked at again.
                reader.Words.Waited.AwaitNotEqual(1, Order.Relaxed);
            }
            else if (!Parking.SleepWhile(ref reader.Words.Waited, 1, HeartbeatMilliseconds))
            {
                if (reader.OwnerHasEnded)
                {
                    Report($"{this}: a thread has ended in a reader, {reader}{reader.WhereEntered}; the grace period goes on");
                    Remove(reader, _registry.ReadOnce()!);
                    return 0;
                }

                slept += HeartbeatMilliseconds;
                if (_options.StallAfter is { } limit && slept % Math.Max(1, (long)limit.TotalMilliseconds) < HeartbeatMilliseconds)
                {
                    Report(string.Create(CultureInfo.InvariantCulture,
                        $"{this}: a grace period stalls, for {slept / 1000.0:0.0} s now, on {reader}{reader.WhereEntered}"));
                }
            }
        }
    }

    private void Enlist(RcuReader reader)
    {
        reader.IsRegistered = true;
        ReaderList seen = _registry.ReadOnce()!;
        while (true)
        {
            // Full pairs with the barrier at the beginning of a grace period. If that does not find us in the registry,
            // our first load in a reader finds what was done before it.
            ReaderList? found = _registry.CompareExchange(seen, seen.With(reader), Order.Full);
            if (found == seen)
                break;
            seen = found!;
        }

        AfterRegister(reader);
    }

    private void Report(string what)
    {
        if (_options.OnStall is { } report)
            report(what);
        else
            Console.Error.WriteLine(what);
    }

    private void Remove(RcuReader reader, ReaderList seen)
    {
        while (true)
        {
            // Release pairs with the acquire in Readers: a grace period that no longer finds us comes after our last reader.
            ReaderList? found = _registry.CompareExchange(seen, seen.Without(reader), Order.Full);
            if (found is null || found == seen)
                return;
            seen = found;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void UnlockFound(string file, int line) => Unlock(FindThreadReader(), file, line);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RcuReader FindThreadReader()
    {
        // Registered at the first use, and again if the thread has given it back since.
        RcuReader reader = _ofThread.Value;
        if (!reader.IsRegistered)
            Enlist(reader);
        if (!Hook.Enabled)
            (Primitives.ThreadReader.t_domain, Primitives.ThreadReader.t_reader) = (this, reader);
        return reader;
    }

    /// <summary>The registered readers; a change makes a new one.</summary>
    [DebuggerDisplay("{Items.Length} readers")]
    private sealed class ReaderList(RcuReader[] items)
    {
        public static readonly ReaderList Empty = new([]);

        public RcuReader[] Items { get; } = items;

        // A thread that registers clears away those that have ended: so their number never exceeds that of live threads by
        // more than have ended since the last registration.
        public ReaderList With(RcuReader reader) => new([.. Items.Where(static r => !r.OwnerHasEnded), reader]);

        public ReaderList Without(RcuReader reader) => new([.. Items.Where(r => r != reader)]);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Items.Length} readers");
    }
}
