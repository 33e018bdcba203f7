using System.Runtime.InteropServices;

namespace RcuModel.Exploration.Handoff;

/// <summary>
/// The right to run, handed from thread to thread: of all the worker threads of one exploration exactly one
/// holds it, and only that one runs.
/// </summary>
/// <remarks>
/// <para>
/// The holder gives it straight to a worker of its choice (<see cref="Pass"/>) and then waits for its own next
/// turn (<see cref="Wait"/>). Everything the passer wrote before <see cref="Pass"/> is visible to the receiver
/// after <see cref="Wait"/>, so that whatever belongs to the holder alone needs no further synchronization.
/// </para>
/// <para>
/// A worker is known by its slot, 0 to <see cref="MaxSlots"/> - 1. Slots are attached and detached by the thread
/// that serves them, at any time and whether or not it holds the baton. The baton may be passed to a slot whose
/// thread has yet to start: it finds it at its first <see cref="Wait"/>. A thread without a slot may make the
/// first <see cref="Pass"/>.
/// </para>
/// <para>
/// After <see cref="Pass"/> the passer may do anything that needs no baton, for as long as it likes; no other
/// worker ever depends on what it does before its next <see cref="Wait"/>.
/// </para>
/// </remarks>
internal abstract class Baton : IDisposable
{
    /// <summary>How many workers one baton can serve.</summary>
    public const int MaxSlots = 32;

    /// <summary>Makes a baton whose workers live on the CPUs of <paramref name="lease"/>.</summary>
    /// <remarks>The lease stays the caller's, who disposes it after the baton.</remarks>
    public static Baton Create(CpuLease lease) =>
        Linux.HasFutex ? new FutexBaton(lease) : new PortableBaton();

    /// <summary>Makes a baton of a named kind, for tests and measurements.</summary>
    /// <exception cref="PlatformNotSupportedException">The kind does not exist on this system.</exception>
    public static Baton Create(CpuLease lease, BatonKind kind) => kind switch
    {
        BatonKind.Portable => new PortableBaton(),
        BatonKind.Futex when Linux.HasFutex => new FutexBaton(lease),
        _ => throw new PlatformNotSupportedException($"No {kind} baton on {RuntimeInformation.RuntimeIdentifier}."),
    };

    /// <summary>How the workers wait at present.</summary>
    public abstract WaitMode Mode { get; }

    /// <summary>Makes the calling thread the worker of <paramref name="slot"/> and gives it a place to run.</summary>
    public abstract void Attach(int slot);

    /// <summary>
    /// Ends the calling thread's service as worker of <paramref name="slot"/>, which must not hold the baton.
    /// </summary>
    /// <remarks>The thread may run on every CPU of the process again.</remarks>
    public abstract void Detach(int slot);

    /// <summary>Takes note that the lease has grown or shrunk. Workers move when they next wait.</summary>
    public abstract void Refresh();

    /// <summary>
    /// Gives the baton to worker <paramref name="slot"/>, another than the caller. Holder only. A release.
    /// </summary>
    public abstract void Pass(int slot);

    /// <summary>
    /// Returns once the baton has been passed to <paramref name="slot"/>, the caller's own. An acquire.
    /// </summary>
    public abstract void Wait(int slot);

    /// <inheritdoc/>
    /// <remarks>All workers have been detached.</remarks>
    public abstract void Dispose();
}

/// <summary>The implementations of <see cref="Baton"/>.</summary>
internal enum BatonKind
{
    /// <summary>Linux: pinned workers that spin, relay or sleep in a futex.</summary>
    Futex,

    /// <summary>Every system: a semaphore a worker.</summary>
    Portable,
}

/// <summary>
/// How the workers of a <see cref="Baton"/> wait; chosen by their number and that of the leased CPUs.
/// </summary>
internal enum WaitMode
{
    /// <summary>All on one CPU, asleep unless they hold the baton.</summary>
    Shared,

    /// <summary>Each on a CPU of its own, spinning.</summary>
    Spinning,

    /// <summary>Up to two workers a CPU: whoever ran there last spins, the other sleeps.</summary>
    Resident,
}
