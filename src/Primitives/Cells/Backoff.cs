namespace RcuModel.Primitives;

/// <summary>How a real thread waits for a cell: it spins, then yields its CPU, then sleeps for a millisecond at a time.</summary>
internal struct Backoff
{
    // The writer may share our CPU: spinning alone could last for ever, yielding lets it run. Sleeping is for waits that
    // have lasted about a millisecond already, because whoever sleeps in a queue makes all behind it late.
    private const int SleepAfter = 2000;

    private SpinWait _spin;

    /// <summary>One turn of the wait.</summary>
    public void Once() => _spin.SpinOnce(SleepAfter);

    /// <summary>One turn of a wait that must not sleep, such as that of the first in a queue.</summary>
    public void OnceAwake() => _spin.SpinOnce(sleep1Threshold: -1);
}
