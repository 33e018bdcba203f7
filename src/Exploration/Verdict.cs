namespace RcuModel.Exploration;

/// <summary>The four things that an exploration can say.</summary>
public enum Verdict
{
    /// <summary>Every class of interleavings was run and nothing is violated.</summary>
    Verified,

    /// <summary>Nothing was violated in what was run, and a bound ended it.</summary>
    NoViolationWithinBudget,

    /// <summary>There is a counterexample.</summary>
    Violated,

    /// <summary>The question does not apply.</summary>
    NotApplicable,
}
