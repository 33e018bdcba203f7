namespace RcuModel.Primitives;

/// <summary>How a real thread waits for a cell: it spins, then yields its CPU, then sleeps for a millisecond at a time.</summary>
internal struct Backoff
{
    // On a machine where the writer may share our CPU, sleeping early is what lets it run at all.
    private const int SleepAfter = 200;

    private SpinWait _spin;

    /// <summary>One turn of the wait.</summary>
    public void Once() => _spin.SpinOnce(SleepAfter);
}
