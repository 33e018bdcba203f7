namespace RcuModel.Cli.Checking;

/// <summary>What a check says about what is claimed, in the order of its weight.</summary>
internal enum Outcome
{
    /// <summary>As claimed.</summary>
    Holds,

    /// <summary>A budget ended it before there was an answer.</summary>
    Open,

    /// <summary>Not as claimed.</summary>
    Violated,
}
