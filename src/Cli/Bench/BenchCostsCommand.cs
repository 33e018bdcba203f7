using System.CommandLine;
using RcuModel.Cli.Reporting;
using RcuModel.Contention;

namespace RcuModel.Cli.Bench;

/// <summary><c>bench costs</c>: which locks operations take, counted with one thread. Its process measures locks always.</summary>
internal sealed class BenchCostsCommand
{
    private readonly Option<bool> _json = Choices.Json();

    private readonly BenchOptions _common = new();

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new BenchCostsCommand();
        var verb = new Command("costs", "Counts the locks that operations take with each design: the same on any machine.");
        verb.Options.Add(options._json);
        foreach (Option option in options._common.All)
            verb.Options.Add(option);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        IReadOnlyList<OperationCost> costs = CostBench.Run(_common.DesignsOf(line), _common.Of(line, surroundings));
        if (line.GetValue(_json))
            Json.Write(surroundings.Out, costs);
        else
            CostTable.Write(costs, surroundings.Out);
        return ExitCodes.Holds;
    }
}
