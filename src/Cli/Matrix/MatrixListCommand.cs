using System.CommandLine;
using System.Globalization;
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
        verb.SetAction(_ =>
        {
            TextWriter output = surroundings.Out;
            output.WriteLine("designs and stabilisations");
            foreach (Alternative alternative in Alternative.All)
                output.WriteLine($"  {alternative.Name}{(alternative.Stabilisation is null ? "" : $" ({alternative.Design})")}");
            output.WriteLine();
            output.WriteLine("scenarios");
            int width = MatrixScenarios.All.Max(static scenario => scenario.Name.Length);
            foreach (MatrixScenario scenario in MatrixScenarios.All)
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
