namespace RcuModel.Scripts.Tests;

/// <summary>A test that asks the kernel of this machine: skipped, with the reason, where it cannot be asked.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OracleFactAttribute : FactAttribute
{
    private static readonly string? s_whyNot = KernelOracle.WhyNot();
    private static readonly Lazy<string?> s_whyNoSwap = new(WhyNoSwap);

    public OracleFactAttribute() => Skip = s_whyNot;

    /// <summary>Whether pages must be paged out.</summary>
    public bool NeedsSwap
    {
        get;
        set
        {
            field = value;
            Skip ??= value ? s_whyNoSwap.Value : null;
        }
    }

    /// <summary>Why this machine cannot page out, in one line; null if it can.</summary>
    public static string? WhyNoSwap()
    {
        using KernelOracle kernel = KernelOracle.Open();
        try
        {
            kernel.Run(ScriptParser.Parse("p0 mmap 0 1\np0 madvise 0 1 pageout\n"));
            return null;
        }
        catch (OracleException problem)
        {
            return problem.Message;
        }
    }
}
