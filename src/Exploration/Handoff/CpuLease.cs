using System.Runtime.InteropServices;

namespace RcuModel.Exploration.Handoff;

/// <summary>
/// CPUs that one exploration has to itself, as far as the explorations of this user go, in this process and in others.
/// </summary>
/// <remarks>
/// <para>
/// Two explorations whose threads are pinned to the same CPU, or one that spins where another computes, cost each other
/// far more than half their speed, and test assemblies like to run side by side. So there is one empty file a CPU in a
/// folder for temporary files, and who has it locked has the CPU. Such a lock never outlives its process; files left
/// behind mean nothing. It is a courtesy, not a guarantee: nobody else on the machine need know of it, and where the
/// folder cannot be written there is no lease, everything works, and more slowly.
/// </para>
/// <para>Taking and giving back cost a few microseconds a CPU. One thread at a time may change a lease.</para>
/// </remarks>
internal sealed class CpuLease : IDisposable
{
    // How many explorations that came too late are spread evenly over the CPUs; those after them go anywhere.
    private const int SharersMax = 8;

    // The file that all leases hold together that have no CPU and want one.
    private const string Starving = "starving";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly Lazy<string?> s_folder = new(MakeFolder);

    private readonly int[] _allowed;
    private readonly string? _folder;
    private readonly List<SafeHandle> _locks = [];
    private volatile int[] _cpus = [];
    private int _want;
    private SafeHandle? _share;
    private SafeHandle? _wish;
    private bool _disposed;

    private CpuLease(int[] allowed, string? folder)
    {
        _allowed = allowed;
        _folder = folder;
    }

    /// <summary>
    /// The CPUs got, in the order to use them; empty if there were none left or there is no leasing here.
    /// </summary>
    public ReadOnlySpan<int> Cpus => _cpus;

    /// <summary>Whether <see cref="Cpus"/> holds any.</summary>
    public bool Exclusive => _cpus.Length > 0;

    /// <summary>
    /// Where to run without a CPU of one's own: the one that has the fewest other such explorations; -1 if there is no
    /// pinning on this system.
    /// </summary>
    public int SharedCpu { get; private set; } = -1;

    /// <summary>The CPUs that the process may run on; empty where pinning is not known.</summary>
    public ReadOnlySpan<int> Allowed => _allowed;

    /// <summary>Leases up to <paramref name="want"/> CPUs, without waiting for any. Never fails.</summary>
    /// <remarks>
    /// No more than <see cref="Environment.ProcessorCount"/>, which heeds a container's quota: a thread that spins
    /// would use up the time of those that work.
    /// </remarks>
    public static CpuLease Take(int want) => Take(want, s_folder.Value);

    /// <summary>As <see cref="Take(int)"/>, with the lock files in another folder; for tests.</summary>
    public static CpuLease Take(int want, string? folder)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(want);
        var lease = new CpuLease(Linux.AllowedCpus(), folder);
        lease.TryGrow(want);
        return lease;
    }

    /// <summary>The name of the file in the folder that stands for a CPU.</summary>
    public static string FileOf(int cpu) => $"cpu{cpu}";

    /// <summary>Tries to bring the lease to <paramref name="want"/> CPUs.</summary>
    /// <returns>Whether any were added; <see cref="Baton.Refresh"/> then makes use of them.</returns>
    public bool TryGrow(int want)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _want = Math.Min(want, Environment.ProcessorCount);
        int[] had = _cpus;
        if (_folder is not null && had.Length < _want)
        {
            var cpus = new List<int>(had);
            foreach (int cpu in _allowed)
            {
                if (cpus.Count == _want)
                    break;

                // An own file is locked too, through another handle, and refused: no need to look in the list.
                if (Linux.TryLock(Path.Combine(_folder, FileOf(cpu))) is { } held)
                {
                    cpus.Add(cpu);
                    _locks.Add(held);
                }
            }

            if (cpus.Count > had.Length)
                _cpus = [.. cpus];
        }

        Settle();
        return _cpus.Length > had.Length;
    }

    /// <summary>Gives back all but the first <paramref name="keep"/> CPUs.</summary>
    /// <remarks>
    /// Call <see cref="Baton.Refresh"/> next: until then, and until they next wait, workers stay where they are.
    /// </remarks>
    public void Shrink(int keep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        _want = Math.Min(_want, keep);
        if (_cpus.Length <= keep)
        {
            Settle();
            return;
        }

        _cpus = _cpus[..keep];
        foreach (SafeHandle held in _locks[keep..])
            held.Dispose();

        _locks.RemoveRange(keep, _locks.Count - keep);
        Settle();
    }

    /// <summary>
    /// Whether another exploration of this user, in any process, has no CPU of its own though it wanted one.
    /// </summary>
    /// <remarks>For whoever has more CPUs than it needs. A few microseconds.</remarks>
    public bool OthersStarve()
    {
        if (_folder is null || !Exclusive)
            return false;

        using SafeHandle? nobody = Linux.TryLock(Path.Combine(_folder, Starving));
        return nobody is null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        _cpus = [];
        _want = 0;
        foreach (SafeHandle held in _locks)
            held.Dispose();

        _locks.Clear();
        _share?.Dispose();
        _wish?.Dispose();
    }

    // Without a CPU: finds one to share and, if one was wanted, shows it. With one: withdraws both.
    private void Settle()
    {
        if (_cpus.Length > 0 || _want == 0 || _folder is null)
        {
            _wish?.Dispose();
            _wish = null;
        }
        else
        {
            // Held together with all others that starve: OthersStarve fails to lock it while there is any. It may
            // itself be what makes this fail, once in a long while; the next TryGrow shows the wish again.
            _wish ??= Linux.TryLock(Path.Combine(_folder, Starving), shared: true);
        }

        if (_cpus.Length > 0 || _allowed.Length == 0)
        {
            _share?.Dispose();
            _share = null;
            SharedCpu = -1;
        }
        else if (SharedCpu < 0)
        {
            SharedCpu = Share();
        }
    }

    // The CPU with the fewest sharers: the n-th sharer of a CPU has its n-th seat locked, and seats are tried in that
    // order.
    private int Share()
    {
        for (int seat = 0; seat < SharersMax && _folder is not null; seat++)
        {
            foreach (int cpu in _allowed)
            {
                _share = Linux.TryLock(Path.Combine(_folder, $"{FileOf(cpu)}.shared{seat}"));
                if (_share is not null)
                    return cpu;
            }
        }

        return _allowed[Random.Shared.Next(_allowed.Length)];
    }

    // The user's own folder, made if need be; null if it cannot be.
    private static string? MakeFolder()
    {
        if (!Linux.IsSupported)
            return null;

        try
        {
            string folder = Path.Combine(Path.GetTempPath(), $"rcumodel-cpus-{Linux.UserId()}");
            if (OperatingSystem.IsLinux())
                Directory.CreateDirectory(folder, OwnerOnly);

            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }
}
