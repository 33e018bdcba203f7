namespace RcuModel.Primitives;

/// <summary>What <see cref="Execution.Assert"/> throws. Its message is the rule that was violated.</summary>
public sealed class AssertionFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public AssertionFailedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="rule">The rule that was violated.</param>
    public AssertionFailedException(string rule)
        : base(rule)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="rule">The rule that was violated.</param>
    /// <param name="cause">What led to it.</param>
    public AssertionFailedException(string rule, Exception cause)
        : base(rule, cause)
    {
    }
}
