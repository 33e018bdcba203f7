namespace RcuModel.Exploration;

/// <summary>What <see cref="Explorer.Check"/> throws: its message is the counterexample, ready to read.</summary>
#pragma warning disable CA1032 // It is made from a result, never from a bare message.
public sealed class ViolationException : Exception
{
    internal ViolationException(ExplorationResult result)
        : base(Describe(result)) => Result = result;

    /// <summary>The whole result.</summary>
    public ExplorationResult Result { get; }

    /// <summary>What was violated; null if a bound ended the exploration before there was an answer.</summary>
    public Violation? Violation => Result.Violation;

    private static string Describe(ExplorationResult result) => result.Violation is { } violation
        ? $"{result}{Environment.NewLine}{Environment.NewLine}{violation.Report}"
        : $"The exploration is not complete: {result}. Give it a larger budget, or ask for a sample with ExecutionsMax or TimeMax.";
}
