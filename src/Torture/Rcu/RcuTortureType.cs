namespace RcuModel.Torture.Rcu;

/// <summary>Something that can be tortured as RCU is. Kernel: one of the values of torture_type.</summary>
public sealed class RcuTortureType
{
    internal RcuTortureType(string name, string summary, bool isBroken, Func<RcuTortureOps> create)
    {
        Name = name;
        Summary = summary;
        IsBroken = isBroken;
        Create = create;
    }

    /// <summary>What the option calls it.</summary>
    public string Name { get; }

    /// <summary>What it is, or what is wrong with it.</summary>
    public string Summary { get; }

    /// <summary>Whether it is broken on purpose: a test that does not catch it is worth nothing.</summary>
    public bool IsBroken { get; }

    internal Func<RcuTortureOps> Create { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
