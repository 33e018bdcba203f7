namespace RcuModel.Torture;

/// <summary>
/// A place in something broken at which a thread may lose its CPU, and does so now and then. Sound code would survive that;
/// what needs it to go wrong would otherwise be a matter of days.
/// </summary>
/// <remarks>Any thread may pass it. The count is not exact, and need not be.</remarks>
internal struct Interruption
{
    private const int PassesPerRest = 8;
    private const int SleepOneIn = 8;
    private const int SpinMicroseconds = 20;

    private uint _passes;

    /// <summary>Mostly returns at once.</summary>
    public void Pass()
    {
        uint pass = _passes++;
        if (pass % PassesPerRest != 0)
            return;
        uint rest = pass / PassesPerRest;
        if (rest % SleepOneIn == 0)
            Thread.Sleep(1);
        else if (rest % 2 == 0)
            Thread.Yield();
        else
            TortureThread.Spin(SpinMicroseconds);
    }
}
