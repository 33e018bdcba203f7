namespace RcuModel.Exploration;

/// <summary>What came of running a trace again.</summary>
public enum ReplayOutcome
{
    /// <summary>The same rule is violated, in the same words.</summary>
    Reproduced,

    /// <summary>The code takes every step of the trace, and the rule is not violated: it may be mended.</summary>
    NotViolated,

    /// <summary>The code does something else than the trace has, so the trace says nothing about it.</summary>
    DoesNotFit,
}
