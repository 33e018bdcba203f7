namespace RcuModel.Mm;

/// <summary>How the migration of one folio ended. Kernel: the ways out of migrate_folio_unmap() and migrate_folio_move().</summary>
public enum MigrateOutcome
{
    /// <summary>Another folio has its content and its place.</summary>
    Moved,

    /// <summary>Nobody but the caller held it: it was freed.</summary>
    Freed,

    /// <summary>There is no memory for another.</summary>
    NoMemory,

    /// <summary>Something maps it still.</summary>
    StillMapped,

    /// <summary>Somebody holds it.</summary>
    Busy,

    /// <summary>A page of it has failed, and cannot be copied. Kernel: folio_mc_copy().</summary>
    Failed,
}
