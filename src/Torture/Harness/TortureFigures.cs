namespace RcuModel.Torture;

/// <summary>What a test has counted until a moment. Threads count on meanwhile, so figures need not fit each other exactly.</summary>
/// <param name="Counters">Names as in the line of statistics, in its order.</param>
/// <param name="Histograms">Those that follow it, a line each.</param>
public sealed record TortureFigures(
    IReadOnlyList<KeyValuePair<string, long>> Counters, IReadOnlyList<TortureHistogram> Histograms);
