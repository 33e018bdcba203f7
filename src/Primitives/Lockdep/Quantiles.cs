namespace RcuModel.Primitives;

/// <summary>The times, in microseconds, that so many of all do not exceed; all 0 if there are none.</summary>
/// <param name="P50">Half of them.</param>
/// <param name="P90">90 of a hundred.</param>
/// <param name="P99">99 of a hundred.</param>
/// <param name="P999">999 of a thousand.</param>
/// <param name="Max">The longest.</param>
public readonly record struct Quantiles(double P50, double P90, double P99, double P999, double Max);
