namespace RcuModel.Torture;

/// <summary>Something that can be tortured. Kernel: one of the values of torture_type.</summary>
public abstract class TortureType
{
    private protected TortureType(string name, string summary, bool isBroken)
    {
        Name = name;
        Summary = summary;
        IsBroken = isBroken;
    }

    /// <summary>What the option calls it.</summary>
    public string Name { get; }

    /// <summary>What it is, or what is wrong with it.</summary>
    public string Summary { get; }

    /// <summary>Whether it is broken on purpose: a test that does not catch it is worth nothing.</summary>
    public bool IsBroken { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
