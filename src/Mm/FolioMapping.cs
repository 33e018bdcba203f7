namespace RcuModel.Mm;

/// <summary>
/// What folio->mapping points to, its low bits included: a word that says both whose the folio is and of which kind that is, so one
/// load gives both or neither.
/// </summary>
/// <remarks>Kernel: FOLIO_MAPPING_ANON and FOLIO_MAPPING_KSM in the low bits of struct folio's mapping.</remarks>
public abstract class FolioMapping
{
    /// <summary>Whether the low bits say that it is anonymous memory. Kernel: folio_test_anon().</summary>
    public abstract bool IsAnon { get; }
}
