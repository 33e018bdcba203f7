using System.CommandLine;
using System.Globalization;
using RcuModel.Cli.Selecting;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Matrix;

/// <summary><c>matrix list</c>: what a matrix is made of.</summary>
internal static class MatrixListCommand
{
    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var verb = new Command("list", "Lists designs, stabilisations and scenarios, with the hazards that each looks for.");
        Option<string[]> assemblies = Choices.Assemblies();
        verb.Options.Add(assemblies);
        verb.SetAction(line =>
        {
            var selection = Selection.With(line.GetValue(assemblies) ?? []);
            TextWriter output = surroundings.Out;
            output.WriteLine("designs and stabilisations");
            foreach (Alternative alternative in selection.Alternatives)
                output.WriteLine($"  {alternative.Name}{(alternative.Stabilisation is null ? "" : $" ({alternative.Design})")}");
            output.WriteLine();
            output.WriteLine("scenarios");
            int width = selection.MatrixScenarios.Max(static scenario => scenario.Name.Length);
            foreach (MatrixScenario scenario in selection.MatrixScenarios)
            {
                string hazards = string.Join(" ", scenario.Hazards.Select(static hazard => string.Create(CultureInfo.InvariantCulture, $"H{hazard}")));
                output.WriteLine($"  {(scenario.Quick ? "*" : " ")} {scenario.Name.PadRight(width)}  {hazards,-14}  {scenario.Summary}");
            }

            output.WriteLine();
            output.WriteLine("* with --quick, too");
            return ExitCodes.Holds;
        });
        return verb;
    }
}
