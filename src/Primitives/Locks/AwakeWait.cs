namespace RcuModel.Primitives;

/// <summary>
/// The part of a real thread's wait in which it does not sleep, for the one or two threads that are next at a lock: whoever
/// sleeps there makes everybody behind it late. An await of the same cell must follow; under a controller it is all there is.
/// </summary>
internal static class AwakeWait
{
    // Some ten milliseconds, most of which others may use: whoever is inside has been preempted, or stays for long.
    private const int TurnsMax = 20_000;

    /// <summary>Looks until no bit of a mask is set, or for long enough.</summary>
    public static void UntilClear(ref Cell<uint> cell, uint mask)
    {
        if (Hook.Enabled && Hook.Current is not null)
            return;
        var wait = default(Backoff);
        for (int turn = 0; turn < TurnsMax && (cell.ReadOnce() & mask) != 0; turn++)
            wait.OnceAwake();
    }

    /// <summary>Looks until the cell holds a value, or for long enough.</summary>
    public static void UntilEqual(ref Cell<uint> cell, uint value)
    {
        if (Hook.Enabled && Hook.Current is not null)
            return;
        var wait = default(Backoff);
        for (int turn = 0; turn < TurnsMax && cell.ReadOnce() != value; turn++)
            wait.OnceAwake();
    }
}
