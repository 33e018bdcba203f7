namespace RcuModel.Coyote.Tests;

/// <summary>A test that runs under Coyote: skipped, with how to enable it, where the build is without.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CoyoteFactAttribute : FactAttribute
{
    public CoyoteFactAttribute() => Skip = CoyoteExplorer.IsAvailable ? null : CoyoteExplorer.HowToEnable;
}
