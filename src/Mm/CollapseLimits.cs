namespace RcuModel.Mm;

/// <summary>
/// How many pages of a table khugepaged lets be other than present and one mm's own; who asks for a collapse has no such limits. Kernel:
/// max_ptes_none, max_ptes_swap, max_ptes_shared.
/// </summary>
/// <param name="Missing">Pages that are missing, or zeros.</param>
/// <param name="Swapped">Pages that are swapped out.</param>
/// <param name="Shared">Pages that others may map.</param>
public sealed record CollapseLimits(int Missing, int Swapped, int Shared);
