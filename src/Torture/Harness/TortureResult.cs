namespace RcuModel.Torture;

/// <summary>What came of a torture test.</summary>
/// <param name="Type">What was tortured.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Elapsed">How long threads ran.</param>
/// <param name="Parameters">Names and values as in the closing line, in its order.</param>
/// <param name="Errors">What was seen that may not happen, each kind once, in words.</param>
/// <param name="Figures">What was counted.</param>
public sealed record TortureResult(
    string Type,
    TortureOutcome Outcome,
    TimeSpan Elapsed,
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    IReadOnlyList<string> Errors,
    TortureFigures Figures);
