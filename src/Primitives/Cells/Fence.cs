using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>Barriers between accesses of one thread, and the one that is a barrier in every thread.</summary>
public static class Fence
{
    /// <summary>Nothing passes it. Kernel: smp_mb().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Full([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            thread.Fence(OperationKind.Fence, Order.Full, file, line);
        else
            Interlocked.MemoryBarrier();
    }

    /// <summary>Loads before it stay before loads after it. Kernel: smp_rmb().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            thread.Fence(OperationKind.Fence, Order.Acquire, file, line);
        else
            Volatile.ReadBarrier();
    }

    /// <summary>Stores before it stay before stores after it. Kernel: smp_wmb().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            thread.Fence(OperationKind.Fence, Order.Release, file, line);
        else
            Volatile.WriteBarrier();
    }

    /// <summary>
    /// Keeps the compiler from moving accesses across it, and leaves the processor alone. Kernel: barrier(). It is the
    /// other half of a <see cref="ProcessWide"/>, which makes a barrier of it in whoever runs.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Compiler()
    {
        // Nothing to tell a controller: between operations of cells it sees them in the order of the program. To the JIT any
        // barrier is one for everything; this one costs no instruction on x64.
        if (!Hook.Enabled || Hook.Current is null)
            Volatile.ReadBarrier();
    }

    /// <summary>
    /// A full barrier in every running thread of the process. Kernel: membarrier(PRIVATE_EXPEDITED). Costs
    /// microseconds, so that the other side needs no barrier at all.
    /// </summary>
    public static void ProcessWide([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            thread.Fence(OperationKind.ProcessWideFence, Order.Full, file, line);
        else
            Interlocked.MemoryBarrierProcessWide();
    }
}
