namespace RcuModel.Torture;

/// <summary>
/// What is tortured, and how: the harness gives it threads, pauses and an end, and prints what it says. One object is one
/// run.
/// </summary>
/// <remarks>
/// RCU is the first, and SRCU another type of the same test; locks and ranges are tests of their own.
/// Kernel: what rcutorture.c and locktorture.c each add to torture.c.
/// </remarks>
public abstract class TortureTest
{
    /// <summary>What is tortured; lines begin with it. Kernel: torture_type.</summary>
    public abstract string Type { get; }

    /// <summary>Parameters of this test, for the first and the last line.</summary>
    public abstract IReadOnlyList<KeyValuePair<string, string>> Parameters { get; }

    /// <summary>Starts the threads.</summary>
    /// <param name="session">What gives it threads.</param>
    public abstract void Begin(TortureSession session);

    /// <summary>All threads have ended: looks at what is left. It may wait for as long as the session is patient.</summary>
    /// <param name="session">Where errors go.</param>
    public abstract void End(TortureSession session);

    /// <summary>What has been counted until now; may be called at any time, by any thread.</summary>
    public abstract TortureFigures Figures();

    /// <summary>The statistics in lines, without what they begin with.</summary>
    /// <param name="figures">What to say.</param>
    public abstract IEnumerable<string> Describe(TortureFigures figures);
}
