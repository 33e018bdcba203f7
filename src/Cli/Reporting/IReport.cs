using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;

namespace RcuModel.Cli.Reporting;

/// <summary>Tells the user what a check does and finds.</summary>
internal interface IReport
{
    /// <summary>Runs the whole check; whatever else is called comes from inside of it, but for the end.</summary>
    void During(Action check);

    /// <summary>An item is begun.</summary>
    void Begin(Item item);

    /// <summary>An item is so far.</summary>
    void Progress(Item item, ExplorationProgress progress);

    /// <summary>An item is done.</summary>
    void Add(Finding finding);

    /// <summary>Everything is done, or was given up.</summary>
    void End(Summary summary);
}
