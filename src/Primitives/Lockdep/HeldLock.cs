namespace RcuModel.Primitives;

/// <summary>A lock that a thread holds or waits for.</summary>
internal readonly record struct HeldLock(LockMap Map, LockUse Use, bool IsTry, int Subclass, ulong First, string File, int Line)
{
    /// <summary>When it began to be waited for, if it is measured; 0 if it was free.</summary>
    public long WaitsSince { get; init; }

    /// <summary>When it was taken, if it is measured; 0 if it never was.</summary>
    public long HeldSince { get; init; }

    /// <summary>A lock that its thread must hold already, which makes the order of this class's locks nobody's concern; null for none.</summary>
    public LockMap? Nest { get; init; }

    public string Where => RcuUsage.Place(File, Line);

    public string Class => Subclass == 0 ? Map.Name : $"{Map.Name}/{Subclass}";

    public override string ToString() => $"{Class}{(Use == LockUse.Write ? "" : " (read)")}";
}
