namespace RcuModel.Mm;

/// <summary>When the memory of a page table goes back.</summary>
public enum TableFreeing
{
    /// <summary>At once: whoever walks must be kept out by other means.</summary>
    AtOnce,

    /// <summary>After a grace period. Kernel: CONFIG_MMU_GATHER_RCU_TABLE_FREE.</summary>
    AfterGracePeriod,
}
