namespace RcuModel.Torture;

/// <summary>How often each value from 0 was seen.</summary>
/// <param name="Name">What it counts.</param>
/// <param name="Counts">How often each value was seen.</param>
/// <param name="LegalMax">The largest value that may be seen; null if all may.</param>
public sealed record TortureHistogram(string Name, IReadOnlyList<long> Counts, int? LegalMax = null)
{
    /// <summary>Whether a value was seen that may not be.</summary>
    public bool IsIllegal
    {
        get
        {
            for (int i = LegalMax + 1 ?? Counts.Count; i < Counts.Count; i++)
            {
                if (Counts[i] != 0)
                    return true;
            }

            return false;
        }
    }
}
