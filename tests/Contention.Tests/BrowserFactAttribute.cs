namespace RcuModel.Contention.Tests;

/// <summary>A fact that needs a browser; skipped, and says why, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browser.WhyNot;
}
