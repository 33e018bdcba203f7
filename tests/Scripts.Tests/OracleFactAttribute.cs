namespace RcuModel.Scripts.Tests;

/// <summary>A test that asks the kernel of this machine: skipped, with the reason, where it cannot be asked.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OracleFactAttribute : FactAttribute
{
    private static readonly string? s_whyNot = KernelOracle.WhyNot();

    public OracleFactAttribute() => Skip = s_whyNot;
}
