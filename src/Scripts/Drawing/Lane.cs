namespace RcuModel.Scripts;

/// <summary>A vertical line that leads from anon_vmas to the one that is their parent or root.</summary>
internal sealed class Lane(AnonBox target, bool isRoot, List<AnonBox> sources, int first, int last)
{
    public AnonBox Target { get; } = target;

    public bool IsRoot { get; } = isRoot;

    public List<AnonBox> Sources { get; } = sources;

    /// <summary>Places, in the column of anon_vmas, of the uppermost and the lowest box that it touches.</summary>
    public int First { get; } = first;

    public int Last { get; } = last;

    public int Number { get; set; }

    public int X { get; set; }

    /// <summary>Where it reaches its target. It leaves sources elsewhere, for one box may be both.</summary>
    public int TargetY => Target.Area.Y + (IsRoot ? 32 : 16);

    public int SourceY(AnonBox source) => source.Area.Y + (IsRoot ? 24 : 8);
}
