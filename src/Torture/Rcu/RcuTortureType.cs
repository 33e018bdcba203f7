namespace RcuModel.Torture.Rcu;

/// <summary>Something that can be tortured as RCU is.</summary>
public sealed class RcuTortureType : TortureType
{
    internal RcuTortureType(string name, string summary, bool isBroken, Func<RcuTortureOps> create)
        : base(name, summary, isBroken) => Create = create;

    internal Func<RcuTortureOps> Create { get; }
}
