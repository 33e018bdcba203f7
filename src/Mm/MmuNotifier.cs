using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Somebody who has translations of an address space of his own, and must be told when they end. He is told before entries change and
/// after that, each time with a range, by who may sleep: no lock that spins is held, and no RCU reader.
/// </summary>
/// <remarks>Kernel: struct mmu_notifier with its operations.</remarks>
/// <param name="name">What a trace calls it.</param>
public abstract class MmuNotifier(string name) : SharedObject(name)
{
    /// <summary>
    /// The entries of a range are about to change. When this returns he uses none of his translations of it, and he makes none until
    /// <see cref="InvalidateEnd"/>. Others may do so at the same time. Kernel: invalidate_range_start().
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    protected internal abstract void InvalidateStart(long start, long end);

    /// <summary>They have changed. Kernel: invalidate_range_end().</summary>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    protected internal abstract void InvalidateEnd(long start, long end);

    /// <summary>The address space is being torn down, and he has nothing more to do with it. Kernel: release().</summary>
    protected internal abstract void Release();
}
