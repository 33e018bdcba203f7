using System.CommandLine;
using System.Globalization;

namespace RcuModel.Cli.Matrix;

/// <summary><c>matrix diff</c>: in which cells, and in which costs, two matrices differ.</summary>
internal static class MatrixDiffCommand
{
    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var before = new Argument<string>("before") { Description = "A document of \"matrix --json\".", HelpName = "BEFORE" };
        var after = new Argument<string>("after") { Description = "Another one.", HelpName = "AFTER" };
        var verb = new Command("diff", "Says in which cells and costs two matrices differ; 1 if they do.");
        verb.Arguments.Add(before);
        verb.Arguments.Add(after);
        verb.SetAction(line =>
        {
            MatrixDocument one = MatrixDocument.Load(line.GetValue(before)!, "matrix diff");
            MatrixDocument other = MatrixDocument.Load(line.GetValue(after)!, "matrix diff");
            List<string> differences = [.. Cells(one, other), .. Costs(one, other)];
            foreach (string difference in differences)
                surroundings.Out.WriteLine(difference);
            if (differences.Count == 0)
                surroundings.Out.WriteLine("no difference");
            return differences.Count == 0 ? ExitCodes.Holds : ExitCodes.Violated;
        });
        return verb;
    }

    // How many executions a budget allows is no difference; how many it takes to verify something is one.
    private static IEnumerable<string> Cells(MatrixDocument one, MatrixDocument other)
    {
        foreach ((string alternative, string scenario) in one.Cells.Concat(other.Cells).Select(static cell => (cell.Alternative, cell.Scenario)).Distinct())
        {
            MatrixCell? left = one.Find(alternative, scenario);
            MatrixCell? right = other.Find(alternative, scenario);
            string before = Words(left);
            string after = Words(right);
            if (before != after)
                yield return $"{scenario} with {alternative}: {before} -> {after}";
        }
    }

    private static string Words(MatrixCell? cell) => cell switch
    {
        null => "not run",
        { Verdict: MatrixCell.Verified } => cell.Short,
        { Verdict: MatrixCell.Violated } => $"violated: {cell.Rule}",
        _ => cell.Verdict,
    };

    private static IEnumerable<string> Costs(MatrixDocument one, MatrixDocument other)
    {
        foreach (MatrixCost before in one.Costs)
        {
            MatrixCost? after = other.Costs.FirstOrDefault(cost => cost.Alternative == before.Alternative && cost.Workload == before.Workload);
            if (after is null || after == before)
                continue;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{before.Workload} with {before.Alternative}: locks {before.Locks} -> {after.Locks}, atomics {before.Atomics} -> {after.Atomics}, writes {before.Writes} -> {after.Writes}, steps {before.Steps} -> {after.Steps}");
        }
    }
}
