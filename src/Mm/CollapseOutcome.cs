namespace RcuModel.Mm;

/// <summary>How a collapse ended. Kernel: enum scan_result of khugepaged.</summary>
public enum CollapseOutcome
{
    /// <summary>One large folio has what the pages had. Kernel: SCAN_SUCCEED.</summary>
    Collapsed,

    /// <summary>There is one already. Kernel: SCAN_PMD_MAPPED.</summary>
    IsHuge,

    /// <summary>There is no page table: nothing was ever there. Kernel: SCAN_PMD_NONE.</summary>
    NoTable,

    /// <summary>No VMA has all pages, or it does not want huge ones. Kernel: SCAN_VMA_CHECK, SCAN_ADDRESS_RANGE.</summary>
    NoVma,

    /// <summary>There is no memory. Kernel: SCAN_ALLOC_HUGE_PAGE_FAIL.</summary>
    NoMemory,

    /// <summary>A page is not there, or is being migrated. Kernel: SCAN_PTE_NON_PRESENT.</summary>
    NotPresent,

    /// <summary>Somebody has a folio locked. Kernel: SCAN_PAGE_LOCK.</summary>
    Locked,

    /// <summary>Somebody holds a folio. Kernel: SCAN_PAGE_COUNT.</summary>
    Held,

    /// <summary>Somebody has a folio isolated. Kernel: SCAN_DEL_PAGE_LRU.</summary>
    Isolated,

    /// <summary>Too many pages are missing, swapped out or shared. Kernel: SCAN_EXCEED_NONE_PTE and its siblings.</summary>
    TooMany,

    /// <summary>A page has failed. Kernel: SCAN_FAIL, SCAN_COPY_MC.</summary>
    Failed,
}
