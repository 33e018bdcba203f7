using RcuModel.Exploration.Reduction;

namespace RcuModel.Exploration.Engine;

/// <summary>An object whose end of life is watched.</summary>
internal sealed class SharedMemory
{
    public string Type = "";
    public int Maker;
    public int Ordinal;
    public bool MustFree;
    public bool Freed;
    public int FreedBy;

    // The last step of each thread that touched one of its cells, and the last epoch of each that touched it plainly.
    public readonly ushort[] Touched = new ushort[Clock.Lanes];
    public readonly ushort[] TouchedPlainly = new ushort[Clock.Lanes];

    public void Reset(string type, int maker, int ordinal, bool mustFree)
    {
        Type = type;
        Maker = maker;
        Ordinal = ordinal;
        MustFree = mustFree;
        Freed = false;
        Clock.Fill(ref Touched[0], 0);
        Clock.Fill(ref TouchedPlainly[0], 0);
    }
}
