namespace RcuModel.Contention;

/// <summary>What is timed.</summary>
public enum OperationKind
{
    /// <summary>A process makes a child.</summary>
    Fork,

    /// <summary>A process ends.</summary>
    Exit,

    /// <summary>A user's load, with the fault that it may need.</summary>
    Read,

    /// <summary>A user's store, with the fault that it may need.</summary>
    Write,

    /// <summary>A part of a VMA gets another protection, or its old one again.</summary>
    Protect,

    /// <summary>A part of a VMA gets another advice, or its old one again.</summary>
    Advise,

    /// <summary>A VMA is moved.</summary>
    Remap,

    /// <summary>Reclaim asks whether a folio was used, and frees it if not.</summary>
    Reclaim,

    /// <summary>A folio's content moves to another folio.</summary>
    Migrate,

    /// <summary>khugepaged puts one large folio in the place of small ones, or sees that it cannot.</summary>
    Collapse,

    /// <summary>A large folio becomes small ones, or stays what it is because somebody holds it.</summary>
    Split,
}
