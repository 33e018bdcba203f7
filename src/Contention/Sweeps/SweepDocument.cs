namespace RcuModel.Contention;

/// <summary>A sweep as a document: what <see cref="BenchDocument"/> has, at each value.</summary>
/// <param name="Over">What grows.</param>
/// <param name="Words">What that is.</param>
/// <param name="Points">What was measured at each value.</param>
public sealed record SweepDocument(string Over, string Words, IReadOnlyList<SweepDocument.Point> Points)
{
    /// <summary>Makes the document.</summary>
    /// <param name="over">What grows.</param>
    /// <param name="points">What was measured.</param>
    /// <param name="options">How large all else is.</param>
    public static SweepDocument Of(SweepOver over, IReadOnlyList<SweepPoint> points, ContentionOptions options)
    {
        ArgumentNullException.ThrowIfNull(over);
        return new(over.Name, over.Words, [.. points.Select(point => new Point(point.Value, BenchDocument.Of(point.Results, over.With(options, point.Value))))]);
    }

    /// <summary>What was measured at a value.</summary>
    public sealed record Point(int Value, BenchDocument Figures);
}
