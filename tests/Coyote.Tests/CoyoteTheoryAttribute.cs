namespace RcuModel.Coyote.Tests;

/// <summary>A test with data that runs under Coyote: skipped, with how to enable it, where the build is without.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CoyoteTheoryAttribute : TheoryAttribute
{
    public CoyoteTheoryAttribute() => Skip = CoyoteExplorer.IsAvailable ? null : CoyoteExplorer.HowToEnable;
}
