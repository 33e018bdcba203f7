namespace RcuModel.Primitives;

/// <summary>A lock that a thread holds or waits for.</summary>
internal readonly record struct HeldLock(LockMap Map, LockUse Use, bool IsTry, int Subclass, ulong First, ulong Last, string File, int Line)
{
    /// <summary>When it began to be waited for, if it is measured; 0 if it was free.</summary>
    public long WaitsSince { get; init; }

    /// <summary>When it was taken, if it is measured; 0 if it never was.</summary>
    public long HeldSince { get; init; }

    /// <summary>A lock that its thread must hold already, which makes the order of this class's locks nobody's concern; null for none.</summary>
    public LockMap? Nest { get; init; }

    public string Where => RcuUsage.Place(File, Line);

    public string Class => Subclass == 0 ? Map.Name : $"{Map.Name}/{Subclass}";

    /// <summary>Whether it is of the same lock as another, and of a range that it has nothing in common with.</summary>
    public bool IsApartFrom(in HeldLock other) => Map.Ranges && Map == other.Map && (Last < other.First || other.Last < First);

    public override string ToString() =>
        $"{Class}{(Map.Ranges && (First, Last) != (0, ulong.MaxValue) ? $" [{First}, {Last}]" : "")}{(Use == LockUse.Write ? "" : " (read)")}";
}
