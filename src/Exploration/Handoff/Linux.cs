using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RcuModel.Exploration.Handoff;

/// <summary>The few Linux system calls the hand-off needs: futex, CPU affinity, advisory file locks.</summary>
/// <remarks>Numbers and flags are those of x64 and arm64; <see cref="IsSupported"/> is false elsewhere.</remarks>
internal static unsafe partial class Linux
{
    private const int FutexWait = 0;
    private const int FutexWake = 1;

    // Words of this process only: the kernel need not look up the page behind the address.
    private const int FutexPrivate = 128;

    private const int OpenReadWrite = 0x2;
    private const int OpenCreate = 0x40;
    private const int OpenCloseOnExec = 0x80000;

    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int Unlock = 8;

    // 8,192 CPUs, the most a Linux kernel can be built for; a mask shorter than the kernel's is refused.
    private const int MaskWords = 128;

    private static readonly nint s_futex = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>Whether this is a system whose numbers are known here.</summary>
    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Whether the futex call can be made: a sandbox may refuse it.</summary>
    public static bool HasFutex { get; } = ProbeFutex();

    /// <summary>
    /// Sleeps while <paramref name="word"/> is <paramref name="expected"/>. May return at any time without reason.
    /// </summary>
    /// <remarks>
    /// The kernel compares and queues under one lock that a waker takes too, so a change of the word followed by
    /// <see cref="Wake"/> is never missed.
    /// </remarks>
    // With the usual transition: a garbage collection must not wait for the sleeper.
    public static void Wait(int* word, int expected) =>
        Syscall(s_futex, word, FutexWait | FutexPrivate, expected, null, null, 0);

    /// <summary>Wakes the one thread that may sleep on <paramref name="word"/>, whose memory is not read.</summary>
    // Without the transition: the call never blocks and takes about a microsecond.
    public static void Wake(int* word) =>
        SyscallBrief(s_futex, word, FutexWake | FutexPrivate, 1, null, null, 0);

    /// <summary>Confines the calling thread to one CPU.</summary>
    /// <returns>False if the system refuses, for example because the CPU has been taken from the process.</returns>
    public static bool Pin(int cpu)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        mask[cpu / 64] = 1ul << (cpu % 64);
        return SetAffinity(0, MaskWords * sizeof(ulong), mask) == 0;
    }

    /// <summary>Lets the calling thread run on all of <paramref name="cpus"/>.</summary>
    public static void Unpin(ReadOnlySpan<int> cpus)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        foreach (int cpu in cpus)
            mask[cpu / 64] |= 1ul << (cpu % 64);

        _ = SetAffinity(0, MaskWords * sizeof(ulong), mask);
    }

    /// <summary>The CPUs that the process may run on, ascending; empty if the system does not say.</summary>
    // Of the process's first thread, not of the caller, who may be confined to one CPU by an outer exploration.
    public static int[] AllowedCpus()
    {
        if (!IsSupported)
            return [];

        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        if (GetAffinity(Environment.ProcessId, MaskWords * sizeof(ulong), mask) < 0)
            return [];

        var cpus = new List<int>();
        for (int word = 0; word < MaskWords; word++)
        {
            for (ulong rest = mask[word]; rest != 0; rest &= rest - 1)
                cpus.Add((word * 64) + BitOperations.TrailingZeroCount(rest));
        }

        return [.. cpus];
    }

    /// <summary>
    /// Opens the file, made if need be, and locks it; null if it is locked already or cannot be opened.
    /// </summary>
    /// <remarks>
    /// The lock belongs to the handle: it ends when the handle is closed, at the latest by the system when the process
    /// dies, however it dies. Programs started meanwhile do not inherit it. It conflicts with the one that
    /// <see cref="FileShare.None"/> takes.
    /// </remarks>
    // Not File.OpenHandle: that throws when somebody else has the lock, ten times the price of finding out.
    public static SafeHandle? TryLock(string path, bool shared = false)
    {
        int file = Open(path, OpenReadWrite | OpenCreate | OpenCloseOnExec, 0x180 /* rw------- */);
        if (file < 0)
            return null;

        if (FileLock(file, (shared ? LockShared : LockExclusive) | LockNonBlocking) == 0)
            return new LockedFile(file);

        _ = Close(file);
        return null;
    }

    /// <summary>The number of the user whose rights the process has.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint UserId();

    private static bool ProbeFutex()
    {
        if (!IsSupported)
            return false;

        try
        {
            int word = 0;
            return SyscallBrief(s_futex, &word, FutexWake | FutexPrivate, 1, null, null, 0) >= 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    // syscall() is variadic in C; on both architectures integers are passed all the same.
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Syscall(
        nint number, int* word, nint operation, nint value, void* timeout, void* other, nint value3);

    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial nint SyscallBrief(
        nint number, int* word, nint operation, nint value, void* timeout, void* other, nint value3);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint size, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nint size, ulong* mask);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int FileLock(int file, int operation);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    private sealed class LockedFile : SafeHandleMinusOneIsInvalid
    {
        public LockedFile(int file)
            : base(ownsHandle: true) => SetHandle(file);

        protected override bool ReleaseHandle()
        {
            // Closing is not enough while a program is being started: until it runs, it has a copy of the descriptor.
            _ = FileLock((int)handle, Unlock);
            return Linux.Close((int)handle) == 0;
        }
    }
}
