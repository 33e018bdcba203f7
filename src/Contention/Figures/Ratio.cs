namespace RcuModel.Contention;

/// <summary>How many times as much as today's design, round by round: the one in the middle, the least and the most.</summary>
/// <param name="Median">The one in the middle.</param>
/// <param name="Min">The least.</param>
/// <param name="Max">The most.</param>
public readonly record struct Ratio(double Median, double Min, double Max)
{
    /// <summary>The ratios of figures that were measured in the same rounds.</summary>
    /// <param name="figures">The design's.</param>
    /// <param name="references">Those of today's design.</param>
    public static Ratio Of(IEnumerable<double> figures, IEnumerable<double> references)
    {
        double[] ratios = [.. figures.Zip(references, static (figure, reference) => reference > 0 ? figure / reference : 0).Order()];
        return ratios.Length == 0 ? default : new Ratio(MedianOf(ratios), ratios[0], ratios[^1]);
    }

    /// <summary>The one in the middle; 0 if there are none.</summary>
    /// <param name="figures">In any order.</param>
    public static double MedianOf(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
    }
}
