namespace RcuModel.Primitives;

/// <summary>Locks of one name.</summary>
internal sealed class LockStatClass(string name)
{
    public string Name { get; } = name;

    /// <summary>Where its last holder took it. Written without care: it is a hint for who waits.</summary>
    public string Holder { get; set; } = "";
}
