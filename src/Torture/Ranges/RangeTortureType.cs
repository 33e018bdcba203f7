namespace RcuModel.Torture.Ranges;

/// <summary>A lock of ranges that can be tortured.</summary>
public sealed class RangeTortureType : TortureType
{
    internal RangeTortureType(string name, string summary, bool isBroken, Func<RangeTortureOps> create)
        : base(name, summary, isBroken) => Create = create;

    internal Func<RangeTortureOps> Create { get; }
}
