namespace RcuModel.Scripts;

/// <summary>A place in the picture.</summary>
internal readonly record struct Area(int X, int Y, int Width, int Height)
{
    public int Right => X + Width;

    public int Bottom => Y + Height;

    public int Middle => Y + (Height / 2);
}
