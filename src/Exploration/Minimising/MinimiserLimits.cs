namespace RcuModel.Exploration.Minimising;

/// <summary>How much work is spent on making a counterexample small. A clock is no bound: the same input, the same result.</summary>
internal static class MinimiserLimits
{
    /// <summary>Executions that are tried at most.</summary>
    public const int RunsMax = 5_000;

    /// <summary>Steps of all of them together at most.</summary>
    public const long StepsMax = 2_000_000;
}
