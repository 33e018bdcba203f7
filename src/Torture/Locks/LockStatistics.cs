using System.Globalization;

namespace RcuModel.Torture.Locks;

/// <summary>Counters of writers and readers, and the lines that locktorture makes of them.</summary>
internal static class LockStatistics
{
    /// <summary>What all threads have counted.</summary>
    public static IEnumerable<KeyValuePair<string, long>> Count(LockTally[] writers, LockTally[] readers)
    {
        LockTally[] all = [.. writers, .. readers];
        return
        [
            .. Side("writes", writers),
            .. Side("reads", readers),
            new("tries", all.Sum(static tally => tally.Tries)),
            new("triesRefused", all.Sum(static tally => tally.Refused)),
            new("downgrades", all.Sum(static tally => tally.Downgrades)),
            new("writersLate", all.Sum(static tally => tally.Late)),
        ];
    }

    /// <summary>The lines, one for writers and one for readers. Kernel: __torture_print_stats().</summary>
    public static IEnumerable<string> Lines(IReadOnlyDictionary<string, long> n) =>
        [Line("Writes", n, "writes"), Line("Reads ", n, "reads")];

    private static IEnumerable<KeyValuePair<string, long>> Side(string name, LockTally[] tallies) =>
    [
        new(name, tallies.Sum(static tally => tally.Acquired)),
        new($"{name}Max", tallies.Length == 0 ? 0 : tallies.Max(static tally => tally.Acquired)),
        new($"{name}Min", tallies.Length == 0 ? 0 : tallies.Min(static tally => tally.Acquired)),
        new($"{name}Fail", tallies.Sum(static tally => tally.Fails)),
    ];

    private static string Line(string title, IReadOnlyDictionary<string, long> n, string name)
    {
        long max = n[$"{name}Max"];
        long min = n[$"{name}Min"];
        long fail = n[$"{name}Fail"];
        string unfair = max / 2 > min ? "???" : "";
        string wrong = fail != 0 ? " !!!" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{title}:  Total: {n[name]}  Max/Min: {max}/{min} {unfair}  Fail: {fail}{wrong}");
    }
}
