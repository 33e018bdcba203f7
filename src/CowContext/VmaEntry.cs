namespace RcuModel.CowContexts;

/// <summary>Whether a walk may work on a VMA that it has found.</summary>
public enum VmaEntry
{
    /// <summary>It may, until it leaves the VMA.</summary>
    Entered,

    /// <summary>Nothing of the folio is there.</summary>
    PassedOver,

    /// <summary>Somebody changes it, or it is another VMA's by now: it must be looked up again, or the walk gives up.</summary>
    Busy,
}
