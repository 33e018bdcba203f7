using System.Globalization;

namespace RcuModel.Torture.Locks;

/// <summary>How many threads take part in a test of a lock, and what they count with.</summary>
internal static class LockThreads
{
    /// <summary>
    /// Two threads for each CPU: writers, or half of them readers. If one number is given, that of readers is that of writers.
    /// </summary>
    public static (int Writers, int Readers) Count(int? writers, int? readers, bool hasReaders)
    {
        int cpus = Environment.ProcessorCount;
        int nWriters = writers ?? (hasReaders && readers is null ? cpus : 2 * cpus);
        return (nWriters, hasReaders ? readers ?? nWriters : 0);
    }

    public static LockTally[] Tallies(int count, TortureSession session) =>
        [.. Enumerable.Range(0, count).Select(_ => new LockTally(session))];

    public static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
}
