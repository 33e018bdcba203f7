using RcuModel.Exploration;
using RcuModel.Primitives;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Selecting;

/// <summary>Something that can be checked: a scenario, or a scenario with a fault seeded into it.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Fault">The fault; null for the scenario as it stands.</param>
internal sealed record Item(Scenario Scenario, Fault? Fault)
{
    /// <summary>The group of all items that have a fault.</summary>
    public const string Mutants = "mutants";

    /// <summary>What it is called on the command line.</summary>
    public string Name { get; } = Fault is null ? Scenario.Name : $"{Scenario.Name}/{Fault.Name}";

    /// <summary>The memory model under which it is explored, if the user has asked for this one.</summary>
    public MemoryModel MemoryFor(MemoryModel asked) => Fault is { OnlyWithStoreBuffers: true } ? MemoryModel.Tso : asked;

    /// <summary>The group it is listed and checked with.</summary>
    public string Group => Fault is null ? Scenario.Group : Mutants;
}
