namespace RcuModel.Primitives;

/// <summary>
/// The time for which a real thread spins for a sleeping lock. Under a controller there is no clock, and one look is enough:
/// the scheduler decides when it comes.
/// </summary>
/// <remarks>Kernel: need_resched(), rwsem_rspin_threshold().</remarks>
internal struct SpinTime : IPatience
{
    /// <summary>As long as it costs to sleep and be woken. Kernel: the threshold for readers.</summary>
    public const int Microseconds = 10;

    // The clock costs as much as a look.
    private const int LooksPerClock = 4;
    private const int SpinsPerLook = 10;

    private readonly int _microseconds;
    private int _looks;
    private long _end;

    /// <summary>Begins with the first look.</summary>
    /// <param name="microseconds">How long it is.</param>
    public SpinTime(int microseconds) => _microseconds = microseconds;

    /// <inheritdoc/>
    public readonly bool IsEndless => false;

    /// <inheritdoc/>
    public bool IsOver()
    {
        long now = FreeThread.Microseconds;
        if (_end == 0)
            _end = now + _microseconds;
        return now > _end;
    }

    /// <summary>Spins until it is time for another look; false if there shall be none.</summary>
    public bool Look()
    {
        if ((Hook.Enabled && Hook.Current is not null) || (_looks++ % LooksPerClock == 0 && IsOver()))
            return false;
        Thread.SpinWait(SpinsPerLook);
        return true;
    }
}
