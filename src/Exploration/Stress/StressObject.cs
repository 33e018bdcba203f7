namespace RcuModel.Exploration.Stress;

/// <summary>An object whose end of life is watched.</summary>
internal sealed class StressObject
{
    public string Name = "";
    public bool MustFree;
    public int Freed;
}
