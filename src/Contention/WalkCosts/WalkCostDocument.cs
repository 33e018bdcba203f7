using System.Runtime.InteropServices;

namespace RcuModel.Contention;

/// <summary>What walks have to do, as a document; docs/cow-context.md has its fields.</summary>
/// <param name="Cpus">How many CPUs the machine has for the process.</param>
/// <param name="System">Its operating system and architecture.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Sweeps">Each kind of growth.</param>
public sealed record WalkCostDocument(int Cpus, string System, string Runtime, IReadOnlyList<WalkCostDocument.OfSweep> Sweeps)
{
    /// <summary>Makes the document.</summary>
    /// <param name="costs">What was counted.</param>
    public static WalkCostDocument Of(IReadOnlyList<WalkCost> costs) => new(
        Environment.ProcessorCount, $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}", RuntimeInformation.FrameworkDescription,
        [
            .. from sweep in WalkCostSweep.All
               let own = costs.Where(cost => cost.Sweep == sweep.Name).ToArray()
               where own.Length > 0
               select new OfSweep(sweep.Name, sweep.Description, own),
        ]);

    /// <summary>What grows, and what that costs.</summary>
    public sealed record OfSweep(string Name, string Description, IReadOnlyList<WalkCost> Costs);
}
