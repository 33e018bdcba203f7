namespace RcuModel.Mm;

/// <summary>
/// What Linux once got wrong, or never got wrong because somebody thought of it: models with one of these are there to be found out.
/// </summary>
[Flags]
public enum Bugs : long
{
    /// <summary>The model as it should be.</summary>
    None = 0,

    /// <summary>B1: fork reuses an anon_vma that has one VMA or one child, in one number (CVE-2022-42703).</summary>
    AmbiguousDegree = 1L << 0,

    /// <summary>B2: mremap merges a faulted VMA into an unfaulted neighbour and forgets its chain (CVE-2026-23077).</summary>
    MergeForgetsChain = 1L << 1,

    /// <summary>B3: a new anon_vma is linked without its lock, since nobody knows it.</summary>
    NewNeedsNoLock = 1L << 2,

    /// <summary>B5: migration holds no reference to the anon_vma while nothing maps the folio.</summary>
    MigrationHoldsNothing = 1L << 3,

    /// <summary>B7: folio->mapping is written in two stores, the pointer and then its low bit.</summary>
    MappingInTwoStores = 1L << 4,

    /// <summary>B8: a fault that holds only the lock of its VMA prepares an anon_vma, which looks at neighbours.</summary>
    PrepareUnderVmaLock = 1L << 5,

    /// <summary>B10: mremap never takes the locks of the reverse map while it moves entries.</summary>
    MoveTakesNoLocks = 1L << 6,

    /// <summary>B11: migration does not leave temporary stacks alone, which exec moves without locks.</summary>
    MigratesTemporaryStacks = 1L << 7,

    /// <summary>B15: fork does not lock the parent's VMAs against faults that hold only those locks.</summary>
    ForkLocksNoVmas = 1L << 8,

    /// <summary>B21: whether a VMA has an anon_vma is looked at without a lock, and its page table is freed (CVE-2023-52935).</summary>
    RetractChecksUnlocked = 1L << 9,

    /// <summary>B14: mremap has TLBs forget entries that it moved when their tables are unlocked already (CVE-2018-18281).</summary>
    MoveFlushesUnlocked = 1L << 16,

    /// <summary>B17: mprotect finds nothing where reclaim has cleared an entry, and leaves it in TLBs.</summary>
    ProtectFlushesNotBatched = 1L << 17,

    /// <summary>The order of B18: what was mapped is given back before TLBs forget it.</summary>
    FreesBeforeFlush = 1L << 18,

    /// <summary>A secondary MMU installs what it has looked up although an invalidation came meanwhile.</summary>
    SecondaryMmuNeverRetries = 1L << 19,

    /// <summary>Reclaim tells a secondary MMU, which may sleep, with the lock of the page table held.</summary>
    NotifiesUnderTableLock = 1L << 20,

    /// <summary>B33: UFFDIO_MOVE takes a swap entry that is the same for one of which the swap cache has the same as before.</summary>
    UserfaultMoveTrustsEntry = 1L << 21,

    /// <summary>A page is pinned without a lock, and nobody looks whether a fork has come between.</summary>
    PinIgnoresFork = 1L << 22,

    /// <summary>B20: a page table that was retracted or emptied is freed without an interrupt to those who walk it without a lock.</summary>
    FreesTableUninterrupted = 1L << 23,

    /// <summary>B12: mremap moves whole page tables without the locks of the reverse map.</summary>
    MoveTableTakesNoLocks = 1L << 24,

    /// <summary>B13: mremap moves a page table that it has seen, without another look when it has the locks (CVE-2024-50066).</summary>
    MoveTableTrustsLook = 1L << 31,

    /// <summary>B22: a page table that was retracted is freed at once, though walkers of the reverse map may be in it.</summary>
    RetractFreesAtOnce = 1L << 32,

    /// <summary>
    /// B23: whether a page is one mm's own is read from two mapcounts, one after the other, and splitting an entry of the PMD lowers one
    /// before it raises the other (CVE-2020-29368).
    /// </summary>
    ReuseTrustsMapCount = 1L << 25,

    /// <summary>B24: the walk that unmaps a folio to split it passes by where somebody has cleared an entry and not counted that yet.</summary>
    SplitDoesNotWait = 1L << 26,

    /// <summary>B25: a walk takes an entry of the PMD for what it was before it was locked.</summary>
    WalkTrustsHugeEntry = 1L << 27,

    /// <summary>B26: an entry of the PMD that is changed is nothing for a moment.</summary>
    ChangesThroughNothing = 1L << 28,

    /// <summary>Collapse puts a huge page in place of a page table without keeping out those who walk it by the reverse map.</summary>
    CollapseLocksOutNobody = 1L << 29,

    /// <summary>munmap frees page tables before its VMA leaves the tree of its file.</summary>
    FileUnlinkedLate = 1L << 40,

    /// <summary>A store to a file's page that is mapped once makes it the process's own, as if it were anonymous.</summary>
    FilePageReused = 1L << 41,

    /// <summary>B31: KSM looks whether an address space is being torn down before it locks that, and not again.</summary>
    KsmChecksExitUnlocked = 1L << 42,

    /// <summary>What is shared is not copied before it moves if it is being migrated just then.</summary>
    KsmBreaksNoMigration = 1L << 43,

    /// <summary>Registration of somebody who is told of changes has the mmap lock, and does not keep walks of the reverse map out.</summary>
    RegistersBesideWalks = 1L << 44,

    /// <summary>All locks of an address space are taken by several at once.</summary>
    AllLocksUnserialised = 1L << 45,

    /// <summary>All locks of an address space are taken without a look at which of them one has already.</summary>
    AllLocksTakenTwice = 1L << 46,

    /// <summary>A page that has failed is given back to be allocated again.</summary>
    FailedPagesFreed = 1L << 47,

    /// <summary>Who maps a page that has failed is looked for when its entries have gone.</summary>
    CollectsAfterUnmapping = 1L << 48,

    /// <summary>A page that is in the swap cache is mapped again although it has failed.</summary>
    SwapInTrustsPage = 1L << 49,

    /// <summary>A large folio is split, and what is in the page that has failed is looked at, whether it is zeros only.</summary>
    SplitReadsFailed = 1L << 50,

    /// <summary>A folio that is kept because its page has failed goes on to hold what it points to.</summary>
    FailedPagesKeepMapping = 1L << 51,

    /// <summary>B19: a page table that others share is let go of without an interrupt to those who walk it without a lock (CVE-2025-38085).</summary>
    UnsharesUninterrupted = 1L << 52,

    /// <summary>A page table is unshared before a VMA is split, without the locks that keep others from sharing it again (CVE-2025-38084).</summary>
    UnsharesBeforeSplit = 1L << 53,

    /// <summary>B32: the reaper takes pages away with no lock that keeps exit from freeing their tables (CVE-2018-1000200).</summary>
    ReaperTakesNoLock = 1L << 54,

    /// <summary>Where the reaper has taken pages away a fault gives zeros.</summary>
    FaultsWhereReaped = 1L << 55,

    /// <summary>B34: who moves a page of a large folio waits for its lock with a reference, for which who has the lock cannot split it.</summary>
    MoveHoldsWhileItWaits = 1L << 56,

    /// <summary>Ranges of a file are merged although their copies have places of their own that do not continue each other.</summary>
    MergeIgnoresAnonOffset = 1L << 57,
}
