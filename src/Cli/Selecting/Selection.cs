using System.IO.Enumeration;
using RcuModel.Cli.Guests;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Selecting;

/// <summary>
/// Everything that can be explored, the tool's own and what guests bring, and which of it the user means by what he wrote.
/// </summary>
internal sealed class Selection
{
    private readonly IReadOnlyList<Guest> _guests;

    private Selection(IReadOnlyList<Guest> guests)
    {
        _guests = guests;
        Alternatives = [.. Alternative.All, .. guests.SelectMany(static guest => guest.Alternatives)];
        MatrixScenarios = [.. Scenarios.MatrixScenarios.All, .. guests.SelectMany(static guest => guest.MatrixScenarios)];
        IReadOnlyList<Scenario> scenarios = [.. Catalogue.All, .. guests.SelectMany(static guest => guest.Scenarios)];
        All =
        [
            .. scenarios.GroupBy(static scenario => scenario.Group, StringComparer.Ordinal)
                .SelectMany(static group => group)
                .Select(static scenario => new Item(scenario, null)),
            .. scenarios.SelectMany(static scenario => scenario.Faults.Select(fault => new Item(scenario, fault))),
            .. from scenario in MatrixScenarios
               from alternative in Alternatives
               select new Item(scenario.With(alternative), null),
        ];
        Usual = guests.Count > 0 ? OfGuests() : [.. All.Where(IsUsual)];
    }

    /// <summary>What the tool has without guests.</summary>
    public static Selection BuiltIn { get; } = new([]);

    /// <summary>What it has with the assemblies that the user names.</summary>
    /// <param name="paths">The files.</param>
    /// <exception cref="UsageException">One cannot be used.</exception>
    public static Selection With(IReadOnlyList<string> paths)
    {
        Selection selection = BuiltIn;
        foreach (string path in paths)
        {
            var guest = Guest.Load(path);
            GuestNames.Check(path, guest, selection);
            selection = new Selection([.. selection._guests, guest]);
        }

        return selection;
    }

    /// <summary>All alternatives.</summary>
    public IReadOnlyList<Alternative> Alternatives { get; }

    /// <summary>All scenarios that they are compared with.</summary>
    public IReadOnlyList<MatrixScenario> MatrixScenarios { get; }

    /// <summary>Those of them that are enough to tell alternatives apart, and all of guests, which nobody brings without wanting them.</summary>
    public IReadOnlyList<MatrixScenario> QuickMatrixScenarios =>
        [.. MatrixScenarios.Where(scenario => scenario.Quick || _guests.Any(guest => guest.MatrixScenarios.Contains(scenario)))];

    /// <summary>Everything there is: all scenarios, group by group, then all seeded faults, then the cells of the matrix.</summary>
    public IReadOnlyList<Item> All { get; }

    /// <summary>Whether there are guests.</summary>
    public bool HasGuests => _guests.Count > 0;

    /// <summary>What the code of the guests is.</summary>
    public IEnumerable<Guid> GuestVersions => _guests.Select(static guest => guest.Version);

    /// <summary>The groups in the order in which they are checked.</summary>
    public IReadOnlyList<string> Groups => [.. All.Select(static item => item.Group).Distinct(StringComparer.Ordinal)];

    /// <summary>What a user may write: groups, scenarios, seeded faults.</summary>
    public IEnumerable<string> ValidNames => [.. Groups, .. All.Select(static item => item.Name)];

    /// <summary>What is checked if nothing is named: everything but what takes minutes; with guests, what they bring.</summary>
    public IReadOnlyList<Item> Usual { get; }

    // What has verdicts instead of expectations is checked when it is named.
    private static bool IsUsual(Item item) => item.Group is not (Scenario.LongGroup or MatrixScenario.Group);

    // Alternatives in what tells alternatives apart; scenarios with the guests' alternatives, or with the tool's if there are none.
    private IReadOnlyList<Item> OfGuests()
    {
        HashSet<string> scenarios = [.. _guests.SelectMany(static guest => guest.Scenarios).Select(static scenario => scenario.Name)];
        IReadOnlyList<Alternative> own = [.. _guests.SelectMany(static guest => guest.Alternatives)];
        HashSet<string> cells =
        [
            .. from scenario in own.Count > 0 ? QuickMatrixScenarios : [.. _guests.SelectMany(static guest => guest.MatrixScenarios)]
               from alternative in own.Count > 0 ? own : Alternatives
               select scenario.With(alternative).Name,
        ];
        return [.. All.Where(item => scenarios.Contains(item.Scenario.Name) || cells.Contains(item.Name))];
    }

    /// <summary>The items meant, in the order of <see cref="All"/>, each once.</summary>
    /// <param name="names">What the user wrote.</param>
    /// <param name="usual">What is meant if nothing is named.</param>
    /// <exception cref="UsageException">Something named does not exist.</exception>
    public IReadOnlyList<Item> Resolve(IReadOnlyList<string> names, IReadOnlyList<Item> usual)
    {
        if (names.Count == 0)
            return usual;
        var chosen = new HashSet<Item>(ReferenceEqualityComparer.Instance);
        foreach (string name in names)
            chosen.UnionWith(Find(name));
        return [.. All.Where(chosen.Contains)];
    }

    private IReadOnlyList<Item> Find(string name)
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

    private UsageException Unknown(string name)
    {
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && All.FirstOrDefault(item => item.Fault is null && Same(item.Name, name[..slash]))?.Scenario is { } scenario)
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
