using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>What the test needs of what it tortures. Any thread may call it.</summary>
/// <remarks>Kernel: struct rcu_torture_ops.</remarks>
internal abstract class RcuTortureOps : IDisposable
{
    /// <summary>Grace periods that have ended. Kernel: ->get_gp_seq().</summary>
    public abstract ulong Completed { get; }

    /// <summary>Callbacks that may be pending before a caller has to wait; null if callers are never held up.</summary>
    public abstract int? PendingMax { get; }

    /// <summary>Whether readers go on looking after their section, whatever the parameter says.</summary>
    public virtual bool ReadersLeak => false;

    /// <summary>Registers the calling thread.</summary>
    public abstract RcuTortureReader Register();

    /// <summary>In a reader: the block that is current.</summary>
    public abstract TortureBlock? Dereference(ref Ref<TortureBlock> pointer);

    /// <summary>Completes a block and makes it current.</summary>
    public abstract void Publish(ref Ref<TortureBlock> pointer, TortureBlock block);

    /// <summary>Waits for a grace period.</summary>
    public abstract void Synchronize();

    /// <summary>The number of the next grace period.</summary>
    public abstract ulong GetState();

    /// <summary>The same, and has it begin.</summary>
    public abstract ulong StartPoll();

    /// <summary>Whether the grace period of a number has ended.</summary>
    public abstract bool Poll(ulong state);

    /// <summary>Waits for the grace period of a number.</summary>
    public abstract void CondSynchronize(ulong state);

    /// <summary>Has a callback run after a grace period.</summary>
    public abstract void Call(RcuHead head, Action<RcuHead> callback);

    /// <summary>Waits until all callbacks have run that were posted.</summary>
    public abstract void Barrier();

    /// <summary>Nobody calls any more, and nothing is pending.</summary>
    public abstract void Dispose();
}
