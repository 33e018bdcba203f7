using System.IO.Enumeration;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Selecting;

/// <summary>Turns what the user wrote into what is to be checked.</summary>
internal static class Selection
{
    /// <summary>Everything there is: all scenarios, group by group, then all seeded faults.</summary>
    public static IReadOnlyList<Item> All { get; } =
    [
        .. Catalogue.All.GroupBy(static scenario => scenario.Group, StringComparer.Ordinal)
            .SelectMany(static group => group)
            .Select(static scenario => new Item(scenario, null)),
        .. Catalogue.All.SelectMany(static scenario => scenario.Faults.Select(fault => new Item(scenario, fault))),
        .. Catalogue.Matrix.Select(static scenario => new Item(scenario, null)),
    ];

    // What has verdicts instead of expectations is checked when it is named.
    private static bool IsUsual(Item item) => item.Group is not (Scenario.LongGroup or MatrixScenario.Group);

    /// <summary>The groups in the order in which they are checked.</summary>
    public static IReadOnlyList<string> Groups { get; } =
        [.. All.Select(static item => item.Group).Distinct(StringComparer.Ordinal)];

    /// <summary>What a user may write: groups, scenarios, seeded faults.</summary>
    public static IEnumerable<string> ValidNames => [.. Groups, .. All.Select(static item => item.Name)];

    /// <summary>What is checked if nothing is named: everything but what takes minutes.</summary>
    public static IReadOnlyList<Item> Usual { get; } = [.. All.Where(IsUsual)];

    /// <summary>The items meant, in the order of <see cref="All"/>, each once.</summary>
    /// <param name="names">What the user wrote.</param>
    /// <param name="usual">What is meant if nothing is named.</param>
    /// <exception cref="UsageException">Something named does not exist.</exception>
    public static IReadOnlyList<Item> Resolve(IReadOnlyList<string> names, IReadOnlyList<Item> usual)
    {
        if (names.Count == 0)
            return usual;
        var chosen = new HashSet<Item>(ReferenceEqualityComparer.Instance);
        foreach (string name in names)
            chosen.UnionWith(Find(name));
        return [.. All.Where(chosen.Contains)];
    }

    private static IReadOnlyList<Item> Find(string name)
    {
        IReadOnlyList<Item> exact = [.. All.Where(item => Same(item.Name, name))];
        if (exact.Count > 0)
            return exact;
        IReadOnlyList<Item> group = [.. All.Where(item => Same(item.Group, name))];
        if (group.Count > 0)
            return group;
        if (name.AsSpan().ContainsAny('*', '?'))
        {
            // A pattern means seeded faults only where it says so: ticket-* is scenarios, ticket-*/* is their faults.
            bool faults = name.Contains('/');
            IReadOnlyList<Item> matching =
            [
                .. All.Where(item => item.Fault is not null == faults && item.Group != Scenario.LongGroup && (item.Group != MatrixScenario.Group || name.Contains('@'))
                    && FileSystemName.MatchesSimpleExpression(name, item.Name, ignoreCase: true)),
            ];
            return matching.Count > 0
                ? matching
                : throw new UsageException(
                    $"no {(faults ? "seeded fault" : "scenario")} matches \"{name}\"; \"{Tool.Name} list\" names them all");
        }

        throw Unknown(name);
    }

    private static UsageException Unknown(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && Catalogue.All.FirstOrDefault(s => Same(s.Name, name[..slash])) is { } scenario)
        {
            return new UsageException(
                $"{scenario.Name} has no seeded fault called \"{name[(slash + 1)..]}\""
                + Nearest.Hint(
                    name[(slash + 1)..], scenario.Faults.Select(static fault => fault.Name),
                    $"\"{Tool.Name} list '{scenario.Name}/*'\" names them all"));
        }

        IEnumerable<string> valid = [.. All.Where(i => i.Fault is null).Select(static item => item.Name), .. Groups];
        return new UsageException(
            $"no scenario or group is called \"{name}\""
            + Nearest.Hint(name, valid, $"\"{Tool.Name} list\" names them all"));
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
