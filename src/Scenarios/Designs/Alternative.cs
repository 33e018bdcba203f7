using RcuModel.AnonVmas;
using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios;

/// <summary>A design of the reverse map, of which the proposal is as many as there are stabilisations, for scenarios of any of them.</summary>
/// <param name="Design">The design: anon-vma or cow-context.</param>
/// <param name="Stabilisation">What makes walks of the proposal safe; null where the design has its own way.</param>
/// <param name="Tables">When it needs the memory of page tables to go back.</param>
/// <param name="Create">Makes it, for one machine.</param>
public sealed record Alternative(string Design, string? Stabilisation, TableFreeing Tables, Func<IReverseMap> Create)
{
    /// <summary>What the command line calls today's design.</summary>
    public const string AnonVmaName = "anon-vma";

    /// <summary>What the command line calls the proposal.</summary>
    public const string CowContextName = "cow-context";

    /// <summary>Today's design.</summary>
    public static Alternative AnonVma { get; } = new(AnonVmaName, null, TableFreeing.AtOnce, static () => new AnonVmaMap());

    /// <summary>Today's design, and the proposal with each stabilisation.</summary>
    public static IReadOnlyList<Alternative> All { get; } = [AnonVma, .. Stabilisations.All.Select(static create => Of(create))];

    /// <summary>What it is called: that of the stabilisation if there is one.</summary>
    public string Name => Stabilisation ?? Design;

    /// <summary>The proposal with a stabilisation, which may be one's own.</summary>
    /// <param name="create">Makes it; one object for each machine.</param>
    public static Alternative Of(Func<IStabilisation> create)
    {
        IStabilisation one = create();
        return new Alternative(CowContextName, one.Name, one.Tables, () => new CowContextMap(create()));
    }
}
