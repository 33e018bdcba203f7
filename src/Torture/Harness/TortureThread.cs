using System.Diagnostics;

namespace RcuModel.Torture;

/// <summary>A thread of a test, as it sees itself. Only the thread itself uses it.</summary>
/// <remarks>Kernel: what torture_create_kthread() makes.</remarks>
public sealed class TortureThread
{
    private readonly TortureSession _session;

    internal TortureThread(TortureSession session, string name, int number, ulong seed)
    {
        _session = session;
        Name = name;
        Random = new TortureRandom(seed, number);
    }

    /// <summary>What reports call it.</summary>
    public string Name { get; }

    /// <summary>Its random numbers.</summary>
    public TortureRandom Random { get; }

    /// <summary>Whether it has to end.</summary>
    public bool MustStop => _session.MustStop;

    /// <summary>Whether it has to pause: <see cref="Stutter"/> does.</summary>
    public bool MustPause => _session.MustPause;

    /// <summary>Returns when threads need not pause, at once if so. Kernel: stutter_wait().</summary>
    /// <returns>Whether there was a pause.</returns>
    public bool Stutter() => _session.WaitWhilePaused();

    /// <summary>Sleeps, but not beyond the end of the test.</summary>
    /// <param name="time">For how long.</param>
    public void Sleep(TimeSpan time) => _session.WaitForStop(time);

    /// <summary>Keeps its CPU busy. Kernel: udelay().</summary>
    /// <param name="microseconds">For how long.</param>
    public static void Spin(int microseconds)
    {
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin).TotalMicroseconds < microseconds)
            Thread.SpinWait(4);
    }
}
