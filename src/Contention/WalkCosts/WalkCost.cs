namespace RcuModel.Contention;

/// <summary>What a walk of one design has to do, for one kind of folio of a family of one size; means where there are several folios.</summary>
/// <param name="Sweep">What grows.</param>
/// <param name="Size">How large it is.</param>
/// <param name="Folio">Which folios.</param>
/// <param name="Design">The design.</param>
/// <param name="Contexts">Contexts searched.</param>
/// <param name="PassedContexts">Contexts without an mm, which are only passed.</param>
/// <param name="UselessContexts">Contexts searched in vain; for today's design, VMAs.</param>
/// <param name="RemapLookups">Look-ups in remap tables.</param>
/// <param name="Offsets">Places that these said.</param>
/// <param name="LongestArray">The most that one said.</param>
/// <param name="VmaLookups">Look-ups in trees of VMAs.</param>
/// <param name="TableLookups">Look-ups in page tables.</param>
/// <param name="Found">Entries found.</param>
/// <param name="Nanoseconds">How long it takes: the median of the rounds.</param>
/// <param name="Ratio">How many times as long as with today's design.</param>
/// <param name="BytesPerProcess">What the reverse map takes, in the kernel's sizes.</param>
/// <param name="RangesPerProcess">How many ranges of remap tables.</param>
/// <param name="VmasPerProcess">How many VMAs.</param>
/// <param name="LostMerges">How often two ranges of a file were not merged because their copies have places of their own; in all processes.</param>
public sealed record WalkCost(
    string Sweep, int Size, string Folio, string Design, double Contexts, double PassedContexts, double UselessContexts, double RemapLookups,
    double Offsets, int LongestArray, double VmaLookups, double TableLookups, double Found, double Nanoseconds, Ratio Ratio,
    double BytesPerProcess, double RangesPerProcess, double VmasPerProcess, long LostMerges);
