using RcuModel.Primitives;
using RcuModel.Torture.Locks.Broken;

namespace RcuModel.Torture.Locks;

/// <summary>All locks that can be tortured. The kernel's names, where it has such a type.</summary>
public static class LockTortureTypes
{
    /// <summary>The sound ones first.</summary>
    public static IReadOnlyList<LockTortureType> All { get; } =
    [
        Sound("spin_lock", "the queued spinlock", static () =>
        {
            var spinlock = new Spinlock("spin_lock");
            return new ExclusiveOps(() => spinlock.Lock(), () => spinlock.TryLock(), () => spinlock.Unlock());
        }),
        Sound("tas_lock", "the test-and-set lock", static () =>
        {
            var spinlock = new TasSpinlock();
            return new ExclusiveOps(spinlock.Lock, spinlock.TryLock, spinlock.Unlock);
        }),
        Sound("ticket_lock", "the ticket lock", static () =>
        {
            var spinlock = new TicketSpinlock();
            return new ExclusiveOps(spinlock.Lock, spinlock.TryLock, spinlock.Unlock);
        }),
        Sound("mcs_lock", "a queue of waiters", static () => new McsOps()),
        Sound("rw_lock", "the queued rwlock", static () => new RwlockOps()),
        Sound("mutex_lock", "the mutex", static () =>
        {
            var mutex = new KernelMutex("mutex_lock");
            return new ExclusiveOps(() => mutex.Lock(), () => mutex.TryLock(), () => mutex.Unlock(), sleeps: true);
        }),
        Sound("rwsem_lock", "the read-write semaphore", static () => new RwsemOps()),
        Broken("lock_busted", "no lock at all", static () => new NoLock()),
        Broken("try_busted", "a try is refused though the lock is free", static () =>
        {
            var spinlock = new TasSpinlock();
            return new ExclusiveOps(spinlock.Lock, static () => false, spinlock.Unlock);
        }),
        Broken("ticket_busted", "a try overtakes who has drawn a ticket", static () => new TicketOvertakenByTry()),
        Broken("rw_busted", "a reader looks for a writer before it counts itself", static () => new RwlockLooksFirst()),
        Broken("mutex_busted", "one of the waiters is forgotten", static () => new MutexForgetsWaiter()),
        Broken("rwsem_busted", "a downgrade lets a writer in", static () => new RwsemGivenUpOnDowngrade()),
    ];

    /// <summary>The one tortured unless another is named.</summary>
    public static LockTortureType Usual => All[0];

    private static LockTortureType Sound(string name, string summary, Func<LockTortureOps> create) =>
        new(name, summary, isBroken: false, create);

    private static LockTortureType Broken(string name, string summary, Func<LockTortureOps> create) =>
        new(name, summary, isBroken: true, create);
}
