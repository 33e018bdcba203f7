using System.CommandLine;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Matrix;

/// <summary><c>matrix hazards</c>: every hazard of the catalogue, with where it is seen or why it is not; the table of docs/hazards.md.</summary>
internal static class MatrixHazardsCommand
{
    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var verb = new Command("hazards", "Lists the hazards of walks, each with the scenarios that show it or why it cannot be; as Markdown.");
        verb.SetAction(_ =>
        {
            surroundings.Out.Write(HazardTable.ToMarkdown());
            return ExitCodes.Holds;
        });
        return verb;
    }
}
