using System.Collections.Frozen;
using System.Globalization;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// How many executions the scenarios of memory management need, without store buffers and with them. It is mostly the same: a lock is given
/// back before anybody looks at what was stored. What is looked at without a lock, such as the count of a folio's references, is seen late.
/// </summary>
internal static class WalkCounts
{
    // Of hundreds of pairs not all need be explored each time; one that is not known to end within this is for who names it.
    private const long UsualMax = 300;

    private static readonly FrozenDictionary<string, (long Sc, long? Tso)> s_executions = Read();

    /// <summary>The same scenarios with their counts, where they are known. Pairs that need many executions are in the group of what is long.</summary>
    public static IEnumerable<Scenario> AddTo(IEnumerable<Scenario> scenarios) => scenarios.Select(AddTo);

    private static Scenario AddTo(Scenario scenario)
    {
        bool isKnown = s_executions.TryGetValue(scenario.Name, out (long Sc, long? Tso) count);
        if (isKnown)
            scenario = scenario with { Executions = count.Sc, ExecutionsTso = count.Tso };
        return scenario.Pair is not null && !(isKnown && count.Sc <= UsualMax) ? scenario with { Group = Scenario.LongGroup } : scenario;
    }

    private static FrozenDictionary<string, (long Sc, long? Tso)> Read()
    {
        using Stream stream = typeof(WalkCounts).Assembly.GetManifestResourceStream("walk-counts.txt")!;
        using var reader = new StreamReader(stream);
        var counts = new Dictionary<string, (long, long?)>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            string[] words = line.Split(' ');
            counts.Add(words[0], (Number(words[1]), words[2] == "-" ? null : Number(words[2])));
        }

        return counts.ToFrozenDictionary();
    }

    private static long Number(string word) => long.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture);
}
