using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// What locks demand of their users, looked after: that all threads take them in one order, none takes one that it holds, none
/// sleeps while it holds one that spins, none frees what it has locked, and each gives back what it took.
/// </summary>
/// <remarks>
/// <para>
/// On in every controlled execution. Each lock has a <see cref="LockMap"/> and says there what it does. Free threads are looked
/// after if the AppContext switch <see cref="SwitchName"/> is set before the first lock is made, and their waiting and holding is
/// measured with <see cref="StatSwitchName"/>; otherwise the JIT deletes all of it.
/// </para>
/// <para>
/// Order is a matter of classes, and locks of one name are one class. An order that is seen in one execution both ways is
/// reported although nobody was stuck in it: which locks a thread holds when it takes another does not depend on how threads
/// interleave, so that one execution of a class of them tells what all of them do.
/// </para>
/// <para>Kernel: CONFIG_PROVE_LOCKING, CONFIG_DEBUG_LOCK_ALLOC, CONFIG_LOCK_STAT.</para>
/// </remarks>
public static class Lockdep
{
    /// <summary>The name of the AppContext switch that has free threads looked after too.</summary>
    public const string SwitchName = "RcuModel.Lockdep";

    /// <summary>The name of the AppContext switch that has the waiting and holding of free threads measured.</summary>
    public const string StatSwitchName = "RcuModel.LockStat";

    /// <summary>A class has as many subclasses at most. Kernel: MAX_LOCKDEP_SUBCLASSES.</summary>
    public const int SubclassesMax = 8;

    /// <summary>Whether free threads are looked after.</summary>
    internal static readonly bool Free = AppContext.TryGetSwitch(SwitchName, out bool on) && on;

    /// <summary>Whether free threads are measured.</summary>
    internal static readonly bool Stat = AppContext.TryGetSwitch(StatSwitchName, out bool on) && on;

    /// <summary>Whether a lock that is made now may have to say what it does.</summary>
    public static bool Possible
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Free || Stat || Hook.Enabled;
    }

    /// <summary>Whether what this thread does with locks is looked after or measured.</summary>
    public static bool On
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Stat || Checked;
    }

    /// <summary>Whether it is looked after.</summary>
    internal static bool Checked
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Free || (Hook.Enabled && Hook.Current is not null);
    }

    /// <summary>
    /// Whether this thread is measured, so that a lock is tried first: who gets it then has not waited. Kernel: LOCK_CONTENDED().
    /// </summary>
    internal static bool Measured
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Stat && !(Hook.Enabled && Hook.Current is not null);
    }
}
