using System.Numerics;
using System.Runtime.InteropServices;

namespace RcuModel.Torture;

/// <summary>On which CPUs threads may run. Nothing happens where the system is not Linux.</summary>
internal static unsafe partial class Affinity
{
    // 8,192 CPUs, the most a Linux kernel can be built for; a shorter mask may be refused.
    private const int MaskWords = 128;

    /// <summary>The CPUs that the process may run on, ascending; empty if the system does not say.</summary>
    public static int[] Allowed()
    {
        if (!OperatingSystem.IsLinux())
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

    /// <summary>The system's number of the calling thread; 0 where there is none.</summary>
    public static int CurrentTask() => OperatingSystem.IsLinux() ? GetTask() : 0;

    /// <summary>Lets a thread run on these CPUs only. A refusal changes nothing, and is no reason to stop.</summary>
    public static void Set(int task, ReadOnlySpan<int> cpus)
    {
        // Of 0 the system would take the caller for meant.
        if (task == 0 || !OperatingSystem.IsLinux())
            return;
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        foreach (int cpu in cpus)
            mask[cpu / 64] |= 1ul << (cpu % 64);
        _ = SetAffinity(task, MaskWords * sizeof(ulong), mask);
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetTask();

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int task, nint size, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int task, nint size, ulong* mask);
}
