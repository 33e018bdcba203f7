using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace RcuModel.Primitives;

/// <summary>
/// How long free threads waited for locks and held them, by class, in the columns of /proc/lock_stat 0.4. Measured if the switch
/// <see cref="Lockdep.StatSwitchName"/> is set; each thread counts for itself, so that to count is no contention.
/// </summary>
/// <remarks>
/// A <em>contention</em> is an acquisition that had to wait; it <em>bounces</em> if the last holder ran on another CPU. Below a class
/// with contentions stand the lines of source that waited most, and those that held it then. Kernel: kernel/locking/lockdep_proc.c.
/// </remarks>
public static class LockStat
{
    // As many lines of source as the kernel shows. Kernel: LOCKSTAT_POINTS.
    internal const int Points = 4;

    private static readonly ConcurrentDictionary<string, LockStatClass> s_classes = new(StringComparer.Ordinal);
    private static readonly Lock s_gate = new();
    private static readonly List<LockStatThread> s_threads = [];

#pragma warning disable RS0030 // Only free threads are measured.
    /// <summary>The clock.</summary>
    internal static long Now => Stopwatch.GetTimestamp();

    private static readonly double s_nanosecondsATick = 1e9 / Stopwatch.Frequency;
#pragma warning restore RS0030

    /// <summary>Writes the table, the most contended class first.</summary>
    /// <param name="output">Where to.</param>
    public static void Write(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.WriteLine("lock_stat version 0.4");
        string rule = new('-', 40 + 1 + (12 * 15));
        output.WriteLine(rule);
        output.Write($"{"class name",40} ");
        foreach (string column in (ReadOnlySpan<string>)
            ["con-bounces", "contentions", "waittime-min", "waittime-max", "waittime-total", "waittime-avg",
             "acq-bounces", "acquisitions", "holdtime-min", "holdtime-max", "holdtime-total", "holdtime-avg"])
        {
            output.Write($" {column,14}");
        }

        output.WriteLine();
        output.WriteLine(rule);
        output.WriteLine();
        foreach ((string name, LockStatColumns write, LockStatColumns read) in Classes())
        {
            bool hasReaders = read.Acquisitions > 0;
            if (write.Acquisitions > 0)
                Row(output, hasReaders ? $"{name}-W" : name, write);
            if (hasReaders)
                Row(output, $"{name}-R", read);
            Sites(output, name, write, read);
            output.WriteLine();
        }
    }

    /// <summary>The rows of the table, the most contended class first. All is zero if nothing is measured.</summary>
    public static IReadOnlyList<LockStatRow> Rows() =>
    [
        .. Classes().SelectMany(static c => new[] { LockStatRow.Of(c.Name, false, c.Write), LockStatRow.Of(c.Name, true, c.Read) })
            .Where(static row => row.Acquisitions > 0),
    ];

    /// <summary>Counts from zero again. For a moment when no thread uses a lock that is measured. Kernel: a zero written to /proc/lock_stat.</summary>
    public static void Reset()
    {
        lock (s_gate)
        {
            s_threads.RemoveAll(static thread => !thread.IsAlive);
            foreach (LockStatThread thread in s_threads)
                thread.Clear();
        }
    }

    /// <summary>
    /// From now on keeps what the calling thread does with locks, or no longer, if the buffer is null. Does nothing if nothing is measured.
    /// </summary>
    /// <param name="slices">Where to.</param>
    public static void Keep(SliceBuffer<LockSlice>? slices)
    {
        if (HeldLocks.OfThread.Stat is { } thread)
            thread.Slices = slices;
    }

    /// <summary>What ticks of the clock are in nanoseconds.</summary>
    internal static long Nanoseconds(long ticks) => (long)(ticks * s_nanosecondsATick);

    /// <summary>All classes, the most contended first.</summary>
    internal static IEnumerable<(string Name, LockStatColumns Write, LockStatColumns Read)> Classes() => s_classes.Values
        .Select(static c => (c.Name, Write: Sum(c, read: false), Read: Sum(c, read: true)))
        .Where(static c => c.Write.Acquisitions + c.Read.Acquisitions > 0)
        .OrderByDescending(static c => c.Write.Contentions + c.Read.Contentions)
        .ThenBy(static c => c.Name, StringComparer.Ordinal);

    internal static LockStatClass ClassOf(string name) => s_classes.GetOrAdd(name, static n => new LockStatClass(n));

    internal static LockStatThread NewThread()
    {
        var thread = new LockStatThread();
        lock (s_gate)
            s_threads.Add(thread);
        return thread;
    }

    private static LockStatColumns Sum(LockStatClass of, bool read)
    {
        var sum = new LockStatColumns();
        lock (s_gate)
        {
            foreach (LockStatThread thread in s_threads)
                thread.AddTo(of, read, sum);
        }

        return sum;
    }

    private static void Row(TextWriter output, string name, LockStatColumns c)
    {
        output.Write($"{name,40}:");
        Count(output, c.ContentionBounces);
        Count(output, c.Contentions);
        Times(output, c.Wait);
        Count(output, c.AcquisitionBounces);
        Count(output, c.Acquisitions);
        Times(output, c.Hold);
        output.WriteLine();
    }

    private static void Sites(TextWriter output, string name, LockStatColumns write, LockStatColumns read)
    {
        if (write.Contentions + read.Contentions == 0)
            return;
        output.WriteLine($"{new string('-', name.Length),40}");
        foreach (bool holders in (ReadOnlySpan<bool>)[false, true])
        {
            var sites = (holders ? write.Holders.Concat(read.Holders) : write.Waiters.Concat(read.Waiters))
                .GroupBy(static s => s.Key).Select(static g => (Where: g.Key, Times: g.Sum(static s => s.Value)))
                .OrderByDescending(static s => s.Times).ThenBy(static s => s.Where, StringComparer.Ordinal).Take(Points);
            foreach ((string where, long times) in sites)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,40} {times,14}          [{where}]"));
            if (!holders)
                output.WriteLine($"{new string('-', name.Length),40}");
        }
    }

    private static void Count(TextWriter output, long count) =>
        output.Write(string.Create(CultureInfo.InvariantCulture, $" {count,14}"));

    private static void Times(TextWriter output, LatencyHistogram times)
    {
        foreach (double nanoseconds in (ReadOnlySpan<double>)
            [times.Min, times.Max, times.Total, times.Count == 0 ? 0 : (double)times.Total / times.Count])
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $" {nanoseconds / 1e3,14:F2}"));
        }
    }
}
