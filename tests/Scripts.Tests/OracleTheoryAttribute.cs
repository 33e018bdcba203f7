namespace RcuModel.Scripts.Tests;

/// <summary>The same as <see cref="OracleFactAttribute"/>, for a test that is run with several values.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OracleTheoryAttribute : TheoryAttribute
{
    private static readonly string? s_whyNot = KernelOracle.WhyNot();

    public OracleTheoryAttribute() => Skip = s_whyNot;
}
