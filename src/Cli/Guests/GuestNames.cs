using RcuModel.Cli.Selecting;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Guests;

/// <summary>The names of what guests bring: each can be written on a command line, and is the only one of its kind.</summary>
internal static class GuestNames
{
    /// <summary>Checks those of one guest beside the tool's and those of the guests before it.</summary>
    /// <param name="path">The file of the guest.</param>
    /// <param name="guest">The guest.</param>
    /// <param name="known">All that is there without it.</param>
    /// <exception cref="UsageException">One does not fit.</exception>
    public static void Check(string path, Guest guest, Selection known)
    {
        HashSet<string> alternatives =
            [.. known.Alternatives.Select(static one => one.Name).Concat(known.Alternatives.Select(static one => one.Design)).Select(Folded)];
        foreach (Alternative alternative in guest.Alternatives)
            Take(path, "alternative", alternative.Name, alternatives);
        HashSet<string> scenarios =
        [
            .. known.All.Where(static item => item.Fault is null).Select(static item => item.Scenario.Name)
                .Concat(known.MatrixScenarios.Select(static one => one.Name)).Concat(known.Groups).Select(Folded),
        ];
        foreach (string scenario in guest.Scenarios.Select(static one => one.Name).Concat(guest.MatrixScenarios.Select(static one => one.Name)))
            Take(path, "scenario", scenario, scenarios);
        foreach (Scenario scenario in guest.Scenarios)
        {
            if (scenario.Group is MatrixScenario.Group or Item.Mutants)
                throw Guest.Refused(path, $"does not fit: the group of {scenario.Name} is \"{scenario.Group}\", which the tool makes up itself");
        }
    }

    private static void Take(string path, string what, string? name, HashSet<string> taken)
    {
        if (string.IsNullOrEmpty(name) || name[0] == '-' || name.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || "/@,*?".Contains(c)))
        {
            string shown = string.Concat((name ?? "").Select(static c => char.IsControl(c) ? ' ' : c));
            throw Guest.Refused(path, $"does not fit: no {what} can be called \"{shown}\"; a name has no blanks and none of / @ , * ?");
        }

        if (!taken.Add(Folded(name)))
            throw Guest.Refused(path, $"does not fit: the name \"{name}\" of its {what} is taken");
    }

    private static string Folded(string name) => name.ToLowerInvariant();
}
