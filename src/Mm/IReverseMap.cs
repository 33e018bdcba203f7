using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// What memory management asks of a reverse map: from a folio to the page-table entries that map it. The designs implement it; the
/// operations of <see cref="MmStruct"/> call it where the kernel calls rmap.c, with the same locks held.
/// </summary>
public interface IReverseMap
{
    /// <summary>What the command line calls the design.</summary>
    string Name { get; }

    /// <summary>
    /// Whether walkers look VMAs up in the trees of mms: then a tree has readers until its end, and its nodes go after a grace period.
    /// </summary>
    bool LooksUpVmas { get; }

    /// <summary>
    /// Whether what it locks is locked before the trees of files, rather than behind them as today: who needs both takes them in this order.
    /// </summary>
    bool OutranksFiles { get; }

    /// <summary>Begins the life of a machine that uses it. Called once.</summary>
    /// <param name="system">The machine.</param>
    void Start(MmSystem system);

    /// <summary>An address space begins. False if there is no memory for what it needs.</summary>
    /// <param name="mm">The address space.</param>
    bool MmCreated(MmStruct mm);

    /// <summary>An address space has been torn down: it has no VMA any more.</summary>
    /// <param name="mm">The address space.</param>
    void MmGone(MmStruct mm);

    /// <summary>
    /// All pages of an address space that nobody uses are unmapped; its VMAs and the tree in which they are go next. Its locks are not
    /// held. Kernel: exit_mmap(), between unmap_vmas() and free_pgtables().
    /// </summary>
    /// <param name="mm">The address space.</param>
    void MmEmptied(MmStruct mm);

    /// <summary>
    /// A child is about to get a parent's VMAs and pages. Both mmap locks are held for writing, and nobody knows the child yet.
    /// Kernel: the begin of dup_mmap().
    /// </summary>
    /// <param name="child">The child.</param>
    /// <param name="parent">The parent.</param>
    void ForkBegins(MmStruct child, MmStruct parent);

    /// <summary>It has got them, or as many as there was memory for. The same locks are held. Kernel: the end of dup_mmap().</summary>
    /// <param name="child">The child.</param>
    /// <param name="parent">The parent.</param>
    void ForkEnds(MmStruct child, MmStruct parent);

    /// <summary>
    /// Makes sure that a VMA has something to give its folios. The mmap lock is held, for reading at least. False if there is no memory.
    /// Kernel: anon_vma_prepare().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    bool Prepare(Vma vma);

    /// <summary>
    /// Gives a VMA a share in all that another has. The mmap lock is held for writing, <paramref name="to"/> is in no tree of the design.
    /// False if there is no memory, and then <paramref name="to"/> has nothing. Kernel: anon_vma_clone().
    /// </summary>
    /// <param name="to">The one.</param>
    /// <param name="from">The other.</param>
    /// <param name="reason">Why.</param>
    bool Clone(Vma to, Vma from, CloneReason reason);

    /// <summary>
    /// The same for a VMA of a child, which also gets something of its own. Both mmap locks are held for writing.
    /// Kernel: anon_vma_fork().
    /// </summary>
    /// <param name="child">The VMA of the child.</param>
    /// <param name="parent">The VMA of the parent.</param>
    bool Fork(Vma child, Vma parent);

    /// <summary>
    /// A range is about to be taken out of the tree of VMAs, its pages to be unmapped and its page tables to be freed. All its VMAs are
    /// locked and detached; the mmap lock is held for writing. Kernel: vms_complete_munmap_vmas(), before vma_iter_clear_gfp().
    /// </summary>
    /// <param name="mm">The address space.</param>
    /// <param name="vmas">The VMAs, which are in the tree still.</param>
    void UnmapBegins(MmStruct mm, IReadOnlyList<Vma> vmas);

    /// <summary>That has been done; the memory of the VMAs goes next. The mmap lock is held, perhaps only for reading.</summary>
    /// <param name="mm">The address space.</param>
    void UnmapEnds(MmStruct mm);

    /// <summary>Forgets a VMA. The mmap lock is held, perhaps only for reading. Kernel: unlink_anon_vmas().</summary>
    /// <param name="vma">The VMA.</param>
    void Unlink(Vma vma);

    /// <summary>
    /// All pages of a range of a VMA have been unmapped, and the range will be the VMA's no longer. The mmap lock is held, perhaps only
    /// for reading; <see cref="Unlink"/> follows, if the range is all of the VMA. Kernel: remove_vma().
    /// </summary>
    /// <param name="vma">The VMA, which has its range still.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    void Unmapped(Vma vma, long start, long end);

    /// <summary>
    /// Whether a VMA shares what it has with an ancestor, so that merging would lengthen what walks have to do. Kernel: vma_is_fork_child().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    bool IsForkChild(Vma vma);

    /// <summary>
    /// Before the range of a VMA changes, and that of a neighbour: nobody may find them. Kernel: the first half of vma_prepare().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="other">The neighbour, or null.</param>
    void BeginAdjust(Vma vma, Vma? other);

    /// <summary>After that. Kernel: the last half of vma_complete().</summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="other">The neighbour, or null.</param>
    void EndAdjust(Vma vma, Vma? other);

    /// <summary>
    /// Whether walkers might come to the new place of an entry before its old one, so that entries must be moved under
    /// <see cref="LockForMove"/>. Kernel: need_rmap_locks.
    /// </summary>
    /// <param name="to">Where entries go.</param>
    /// <param name="from">Where they are.</param>
    /// <param name="merged">Whether <paramref name="to"/> existed before.</param>
    bool MoveNeedsLock(Vma to, Vma from, bool merged);

    /// <summary>Keeps walkers out while entries move. Kernel: take_rmap_locks().</summary>
    /// <param name="from">Where they are.</param>
    /// <param name="to">Where they go.</param>
    void LockForMove(Vma from, Vma to);

    /// <summary>Lets them in again. Kernel: drop_rmap_locks().</summary>
    /// <param name="vma">Where they were.</param>
    void UnlockAfterMove(Vma vma);

    /// <summary>
    /// Keeps walkers out of a page table that is about to be taken out of its place, and put back or replaced by an entry of the PMD. The
    /// mmap lock is held for writing, and the VMA is locked. Kernel: anon_vma_lock_write() in collapse_huge_page().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page of the table.</param>
    /// <param name="end">The page behind its last.</param>
    void LockForCollapse(Vma vma, long start, long end);

    /// <summary>Lets them in again: what they could come for is isolated and locked, or back in its place.</summary>
    /// <param name="vma">The VMA.</param>
    void UnlockAfterCollapse(Vma vma);

    /// <summary>
    /// A large folio is about to be split: nothing maps it meanwhile. Whoever looks for it is kept out, if not by its lock, which is held; walks
    /// of the caller then have <see cref="RmapWalk.HasLock"/>. Kernel: anon_vma_lock_write() in __folio_split().
    /// </summary>
    /// <param name="held">What <see cref="Hold"/> gave for the folio.</param>
    void LockForSplit(SharedObject held);

    /// <summary>It has been split, or not.</summary>
    /// <param name="held">What <see cref="Hold"/> gave for the folio.</param>
    void UnlockAfterSplit(SharedObject held);

    /// <summary>
    /// Says whose a folio is that is mapped for the first time. The VMA has been prepared; the folio is locked, or nobody knows it.
    /// Kernel: __folio_set_anon().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA.</param>
    /// <param name="page">The page of the VMA.</param>
    /// <param name="exclusive">Whether nobody else can have it.</param>
    void SetAnon(Folio folio, Vma vma, long page, bool exclusive);

    /// <summary>
    /// Gives a folio, which is locked and nobody else's, to the VMA that alone maps it. Kernel: folio_move_anon_rmap().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA.</param>
    void MoveAnon(Folio folio, Vma vma);

    /// <summary>
    /// Asserts that a folio which is mapped once more could be found there. Kernel: __page_check_anon_rmap().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA that maps it.</param>
    /// <param name="page">Where.</param>
    void CheckAnon(Folio folio, Vma vma, long page);

    /// <summary>
    /// A folio gets the place of another, which nothing maps: whose that is it is too, at the same index. Both are locked.
    /// Kernel: folio_migrate_mapping().
    /// </summary>
    /// <param name="folio">The one that had the place.</param>
    /// <param name="by">The one that gets it.</param>
    void FolioReplaced(Folio folio, Folio by);

    /// <summary>A folio is freed: it is nobody's any more.</summary>
    /// <param name="folio">The folio.</param>
    void FolioFreed(Folio folio);

    /// <summary>
    /// Holds what a folio points to, so that it is there while nothing maps the folio; null if the folio has lost it.
    /// Kernel: folio_get_anon_vma().
    /// </summary>
    /// <param name="folio">The folio, locked.</param>
    SharedObject? Hold(Folio folio);

    /// <summary>Lets go of it. Kernel: put_anon_vma().</summary>
    /// <param name="held">What <see cref="Hold"/> gave.</param>
    void LetGo(SharedObject held);

    /// <summary>
    /// Holds what a VMA has that was faulted, for a page of it that is shared because it is equal to others. Ends with <see cref="LetGo"/>. The
    /// mmap lock is held. Kernel: what try_to_merge_with_ksm_page() does of anon_vma.
    /// </summary>
    /// <param name="vma">The VMA.</param>
    SharedObject HoldShared(Vma vma);

    /// <summary>
    /// Visits a page of an mm, or the same page of those that were forked from it, where a locked folio may be mapped that is shared. A design
    /// that comes to both in one go does so when it is asked for the mm. Kernel: the inside of rmap_walk_ksm().
    /// </summary>
    /// <param name="held">What <see cref="HoldShared"/> gave.</param>
    /// <param name="mm">The mm.</param>
    /// <param name="page">The page.</param>
    /// <param name="index">Its number in the index of folios of its VMA.</param>
    /// <param name="inForks">Whether to look in those that were forked.</param>
    /// <param name="folio">The folio.</param>
    /// <param name="walk">What to do there.</param>
    void WalkShared(SharedObject held, MmStruct mm, long page, long index, bool inForks, Folio folio, RmapWalk walk);

    /// <summary>Whether a folio, which is locked and somebody's, would be found if a VMA mapped it at a page.</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA.</param>
    /// <param name="page">The page.</param>
    bool CouldFind(Folio folio, Vma vma, long page);

    /// <summary>
    /// Keeps walks out of an address space, all that would come to it: each that has begun to visit it has ended. The mmap lock is held for writing,
    /// all VMAs are locked, and nobody else does the same at the same time. Kernel: vm_lock_anon_vma() for all, in mm_take_all_locks().
    /// </summary>
    /// <param name="mm">The address space.</param>
    void LockAll(MmStruct mm);

    /// <summary>Lets them in again. Kernel: vm_unlock_anon_vma() for all, in mm_drop_all_locks().</summary>
    /// <param name="mm">The address space.</param>
    void UnlockAll(MmStruct mm);

    /// <summary>
    /// Looks for the processes that map a page of a locked folio, which has failed. Kernel: collect_procs_anon(), which goes through all processes
    /// where it may not sleep.
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="walk">Notes them.</param>
    void Collect(Folio folio, CollectWalk walk)
    {
        Walk(folio, walk);
        walk.KeepProcesses();
    }

    /// <summary>
    /// Visits each place where a folio may be mapped. The folio is locked unless the walk says otherwise. Kernel: rmap_walk().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="walk">What to do there.</param>
    void Walk(Folio folio, RmapWalk walk);
}
