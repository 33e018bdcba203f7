namespace RcuModel.Torture;

/// <summary>How a torture test has ended.</summary>
public enum TortureOutcome
{
    /// <summary>It ran its time, and nothing was seen that may not happen.</summary>
    Success,

    /// <summary>Something was seen that may not happen.</summary>
    Failure,

    /// <summary>It was ended before its time, and nothing was seen until then.</summary>
    Interrupted,
}
