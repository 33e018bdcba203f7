using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// What RCU demands of its users, looked after: who dereferences must be in a reader, who is in a reader must not sleep,
/// nor wait for its own end, and must leave as often as it has entered. A breach ends the execution with a report.
/// </summary>
/// <remarks>
/// <para>
/// They are on in every controlled execution. Free threads are checked if the AppContext switch
/// <see cref="SwitchName"/> is set before the first reader; otherwise the JIT deletes the checks, and the process that
/// measures RCU does not pay for them.
/// </para>
/// <para>Kernel: CONFIG_PROVE_RCU, CONFIG_DEBUG_ATOMIC_SLEEP, CONFIG_DEBUG_OBJECTS_RCU_HEAD.</para>
/// </remarks>
public static class RcuChecks
{
    /// <summary>The name of the AppContext switch that has free threads checked too.</summary>
    public const string SwitchName = "RcuModel.RcuChecks";

    private static readonly bool s_free = AppContext.TryGetSwitch(SwitchName, out bool on) && on;

    /// <summary>Whether what this thread does is checked.</summary>
    public static bool On
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => s_free || (Hook.Enabled && Hook.Current is not null);
    }

    /// <summary>
    /// To be called by whatever may put its caller to sleep: a caller in a reader of a flavour whose readers must not sleep
    /// is reported, and one who holds a lock that spins. Kernel: might_sleep().
    /// </summary>
    /// <param name="what">What is about to be done, as the report shall call it.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MightSleep(
        string what, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (On)
            RcuUsage.OfThread.MightSleep(what, file, line);
        if (Lockdep.Checked)
            HeldLocks.OfThread.MightSleep(what, file, line);
    }
}
