namespace RcuModel.Torture.Locks;

/// <summary>A lock that can be tortured.</summary>
public sealed class LockTortureType : TortureType
{
    internal LockTortureType(string name, string summary, bool isBroken, Func<LockTortureOps> create)
        : base(name, summary, isBroken)
    {
        Create = create;
        HasReaders = create().HasReaders;
    }

    /// <summary>Whether it can be taken together with others.</summary>
    public bool HasReaders { get; }

    internal Func<LockTortureOps> Create { get; }
}
