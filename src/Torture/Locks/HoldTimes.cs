namespace RcuModel.Torture.Locks;

/// <summary>
/// How long a lock is held: mostly for no longer than it takes to look around, now and then a little longer, sometimes without
/// the CPU, and seldom for a long time.
/// </summary>
/// <remarks>Kernel: torture_spin_lock_write_delay(), torture_rwsem_down_read() and the like; chances as there.</remarks>
internal sealed class HoldTimes(int threads, TimeSpan longHold, bool sleeps)
{
    private const int ShortMicroseconds = 2;

    private readonly int _longOneIn = Chance(2000 * longHold.TotalMilliseconds * threads);
    private readonly int _shortOneIn = Chance(2.0 * ShortMicroseconds * threads);
    private readonly int _yieldOneIn = Chance(20_000.0 * threads);

    /// <summary>Waits in a section.</summary>
    public void Hold(TortureRandom random)
    {
        if (longHold > TimeSpan.Zero && random.OneIn(_longOneIn))
        {
            if (sleeps)
                Thread.Sleep(longHold);
            else
                TortureThread.Spin((int)longHold.TotalMicroseconds);
        }

        if (random.OneIn(_shortOneIn))
            TortureThread.Spin(ShortMicroseconds);
        if (random.OneIn(_yieldOneIn))
            Thread.Yield();
    }

    private static int Chance(double oneIn) => (int)Math.Clamp(oneIn, 1, int.MaxValue);
}
