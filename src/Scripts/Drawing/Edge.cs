namespace RcuModel.Scripts;

/// <summary>A line from a VMA to an anon_vma or to folios.</summary>
internal sealed class Edge(EdgeKind kind, Port from, Port to)
{
    public EdgeKind Kind { get; } = kind;

    public Port From { get; } = from;

    public Port To { get; } = to;

    public int FromY { get; set; }

    public int ToY { get; set; }
}

/// <summary>What an edge stands for.</summary>
internal enum EdgeKind
{
    /// <summary>The anon_vma that new folios of the VMA get.</summary>
    Anon,

    /// <summary>Another anon_vma of the VMA's chain: folios from before a fork may be mapped here.</summary>
    Chain,

    /// <summary>The VMA's page table maps these folios.</summary>
    Maps,
}

/// <summary>Where edges begin or end: along a side of an area, one below the other.</summary>
internal sealed class Port
{
    public Area Area { get; set; }

    public List<Edge> Edges { get; } = [];
}
