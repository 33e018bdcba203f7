using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// Callbacks of RCU as a specification, for models at lock grain: each runs some time after a grace period that began after
/// the call, side by side with all others, and in no order.
/// </summary>
/// <remarks>
/// <para>
/// A callback is a background thread of its own, which waits for a grace period and then runs it: nothing is promised but that
/// it waits, and a model that holds with it holds with any worker. To be accepted and not to have run yet is a reader of a
/// second <see cref="SpecRcu"/>, for which <see cref="Barrier"/> waits; so calls do not depend on each other, and a callback that
/// waits for all callbacks is found as any grace period inside a reader is.
/// </para>
/// <para>
/// Everything done before a call comes before its callback, and everything that a callback did before the end of a barrier that
/// waited for it. Calls may be made in readers and in callbacks. Each callback counts as a thread of the body, of which there may be 15
/// or 16; and a call empties the store buffer of its thread, as every start of a thread does, which call_rcu() does not promise.
/// </para>
/// <para>Kernel: call_rcu(), kfree_rcu(), rcu_barrier(), without the order in which callbacks of one CPU run by habit.</para>
/// </remarks>
public sealed class SpecRcuCallbacks
{
    private readonly SpecRcu _rcu;
    private readonly SpecRcu _pending;

    /// <summary>Creates what calls back after grace periods of a domain.</summary>
    /// <param name="rcu">The domain.</param>
    /// <param name="name">What a trace calls it.</param>
    public SpecRcuCallbacks(SpecRcu rcu, string name = "callbacks")
    {
        _rcu = rcu;
        _pending = new SpecRcu(name, readersMaySleep: true);
    }

    /// <summary>Has something run after a grace period. Kernel: call_rcu().</summary>
    /// <param name="callback">What to run, on a thread of its own.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Call(Action callback, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        var accepted = new Cell<bool>(false, "accepted");
        Execution.StartBackground("callback", () =>
        {
            _pending.ReadLock(file, line);

            // Relaxed, as the await: says only that a barrier of the caller finds it.
            accepted.WriteOnce(true, file, line);
            _rcu.Synchronize(file, line);
            callback();
            _pending.ReadUnlock(file, line);
        });
        accepted.AwaitEqual(true, Order.Relaxed, file, line);
    }

    /// <summary>Frees an object after a grace period. Kernel: kfree_rcu().</summary>
    /// <param name="shared">The object; nobody finds it any more.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Free(SharedObject shared, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Call(() => shared.Free(file, line), file, line);

    /// <summary>
    /// Waits until all callbacks have run that were accepted before, by whomever. Must not be called in a callback, nor in a
    /// reader. Kernel: rcu_barrier().
    /// </summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Barrier([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => _pending.Synchronize(file, line);
}
