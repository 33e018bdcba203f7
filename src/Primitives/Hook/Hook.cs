using System.Diagnostics.CodeAnalysis;

namespace RcuModel.Primitives;

/// <summary>
/// The one place where model code and whoever controls it meet.
/// </summary>
/// <remarks>
/// <para>
/// Every cell asks two questions before it touches memory. May controllers exist in this process at all? That is
/// <see cref="Enabled"/>, a static readonly field that the JIT reads once: in a benchmark process it is false, and the
/// question and everything behind it are deleted from the machine code. Is <em>this</em> thread controlled? That is
/// <see cref="Current"/>, a thread-static. A thread that nobody controls goes straight to the hardware, so stress
/// threads and controlled threads may live in one process.
/// </para>
/// <para>
/// The switch <c>RcuModel.Control</c> must be set before the first cell is touched: in the project file with
/// <c>RuntimeHostConfigurationOption</c>, or with <see cref="AppContext.SetSwitch"/> as the first thing in Main.
/// </para>
/// </remarks>
public static class Hook
{
    /// <summary>The name of the AppContext switch that opens the gate.</summary>
    public const string SwitchName = "RcuModel.Control";

    /// <summary>Whether this process can have controlled threads. Fixed for the life of the process.</summary>
    public static readonly bool Enabled = AppContext.TryGetSwitch(SwitchName, out bool on) && on;

    [ThreadStatic]
    private static ControlledThread? t_current;

    /// <summary>The controlled thread that this operating-system thread is playing, or null when it runs free.</summary>
    public static ControlledThread? Current
    {
        get => t_current;
        set
        {
            if (!Enabled && value is not null)
                throw new InvalidOperationException(GateClosed);
            t_current = value;
        }
    }

    /// <summary>What to tell a user whose process was started with the gate shut.</summary>
    public const string GateClosed =
        "This process cannot control threads: the AppContext switch 'RcuModel.Control' was off when the first cell was "
        + "touched. Add <RuntimeHostConfigurationOption Include=\"RcuModel.Control\" Value=\"true\" /> to an ItemGroup "
        + "of the project, or call AppContext.SetSwitch(\"RcuModel.Control\", true) first thing in Main.";

    [DoesNotReturn]
    internal static void ThrowForeignAccess() => throw new InvalidOperationException(
        "A cell that belongs to an exploration was touched by a thread that the exploration does not control. "
        + "Threads of a body are started with Execution.Run or Execution.Start, and what an execution made is looked at "
        + "inside the body.");
}
