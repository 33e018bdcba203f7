using RcuModel.AnonVmas;
using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios;

/// <summary>A design of the reverse map, of which the proposal is as many as there are stabilisations, for scenarios of any of them.</summary>
/// <param name="Design">The design: anon-vma, anon-vma-lazy or cow-context.</param>
/// <param name="Stabilisation">What makes walks of the proposal safe; null where the design has its own way.</param>
/// <param name="Tables">When it needs the memory of page tables to go back.</param>
/// <param name="Create">Makes it, for one machine.</param>
public sealed record Alternative(string Design, string? Stabilisation, TableFreeing Tables, Func<IReverseMap> Create)
{
    /// <summary>What the command line calls today's design.</summary>
    public const string AnonVmaName = "anon-vma";

    /// <summary>What the command line calls today's design with anon_vmas that are made by the first fork.</summary>
    public const string LazyAnonVmaName = "anon-vma-lazy";

    /// <summary>What the command line calls the proposal.</summary>
    public const string CowContextName = "cow-context";

    /// <summary>Today's design.</summary>
    public static Alternative AnonVma { get; } = new(AnonVmaName, null, TableFreeing.AtOnce, static () => new AnonVmaMap());

    /// <summary>The same with anon_vmas that are made by the first fork.</summary>
    public static Alternative LazyAnonVma { get; } = new(LazyAnonVmaName, null, TableFreeing.AtOnce, static () => new LazyAnonVmaMap());

    /// <summary>Today's design, that idea for it, and the proposal with each stabilisation.</summary>
    public static IReadOnlyList<Alternative> All { get; } = [AnonVma, LazyAnonVma, .. Stabilisations.All.Select(static create => Of(create))];

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
