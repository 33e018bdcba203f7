using System.CommandLine;
using System.Globalization;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Scenarios;

namespace RcuModel.Cli;

/// <summary><c>list</c>: what there is to check, without checking it.</summary>
internal static class ListVerb
{
    public static Command Create(Surroundings surroundings)
    {
        Argument<string[]> names = Choices.Names("What to list; all scenarios if nothing is named.");
        Option<string[]> assemblies = Choices.Assemblies();
        Option<bool> json = Choices.Json();
        var verb = new Command("list", "Lists the scenarios by group; \"list mutants\" lists the seeded faults.");
        verb.Arguments.Add(names);
        verb.Options.Add(assemblies);
        verb.Options.Add(json);
        verb.SetAction(line =>
        {
            var selection = Selection.With(line.GetValue(assemblies) ?? []);
            IReadOnlyList<Item> items = CheckVerb.Select(
                line, selection, names,
                selection.HasGuests ? selection.Usual : [.. selection.All.Where(static item => item.Group != MatrixScenario.Group)]);
            if (line.GetValue(json))
                Json.Write(surroundings.Out, JsonList.Of(items));
            else
                Print(items, line.GetValue(names) is { Length: > 0 }, surroundings.Out);
            return ExitCodes.Holds;
        });
        return verb;
    }

    private static void Print(IReadOnlyList<Item> items, bool named, TextWriter output)
    {
        int width = items.Where(item => item.Fault is null || named).Max(static item => item.Name.Length);
        foreach (IGrouping<string, Item> group in items.GroupBy(static item => item.Group, StringComparer.Ordinal))
        {
            if (group.Key == Item.Mutants && !named)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Item.Mutants}: {group.Count()} seeded faults; \"{Tool.Name} list {Item.Mutants}\" lists them"));
                continue;
            }

            output.WriteLine(group.Key);
            foreach (Item item in group)
                output.WriteLine($"  {item.Name.PadRight(width)}  {Expected(item),9}  {Summary(item)}".TrimEnd());
            output.WriteLine();
        }
    }

    private static string Expected(Item item) =>
        item.Fault is not null ? "" :
        item.Scenario.MustFail ? "must fail" :
        item.Scenario.Executions?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    private static string Summary(Item item) => item.Fault?.Explanation ?? item.Scenario.Summary;
}
