using RcuModel.Primitives;

namespace RcuModel.Mm;

// The page is found by its address in memory, not by the reverse map, so anything may be done with it just then. What is done about it:
//
//   it is said to have failed, so that it is not allocated again when it is freed,
//   its folio is held, split if it is large, and locked,
//   the processes that map it are looked for, and then all entries are taken away: they say from then on that the page has failed, unless what was
//     in it can be had elsewhere, in the file or on the swap device,
//   it leaves the list of its age, and the file or the swap cache; and is held for ever.
//
// Processes are looked for by their list, since they are to get a signal, and not every address space that maps the page is that of a process: one
// that is being forked is not yet, and if it gets its entries between the look-up and the unmapping it is not told, and finds out by itself.

/// <summary>
/// Takes a page of memory that has failed away from those who have it, and never gives it to anybody again. One at a time.
/// </summary>
/// <remarks>Kernel: mm/memory-failure.c.</remarks>
public sealed class MemoryFailure : SharedObject
{
    private readonly MmSystem _system;

    // Kernel: mf_mutex.
    private readonly GrainRwsem _mutex;

    internal MemoryFailure(MmSystem system)
        : base("memory-failure")
    {
        _system = system;
        _mutex = new GrainRwsem(this, "mf_mutex", system.Config.Grain);
    }

    /// <summary>A page has failed. May sleep; the caller has no locks. Kernel: memory_failure().</summary>
    /// <param name="page">The page.</param>
    public MemoryFailureReport Handle(PageFrame page)
    {
        _mutex.DownWrite();
        var unmapped = new List<(MmStruct Mm, long Page)>();
        var walk = new CollectWalk(_system, sub: 0);
        bool kills = false;
        MemoryFailureOutcome outcome = MemoryFailureOutcome.Known;
        if (page.TryFail())
        {
            Folio? folio = page.TryGet(out bool wasFree);
            outcome = wasFree ? MemoryFailureOutcome.Recovered : MemoryFailureOutcome.Ignored;
            if (folio is not null)
                outcome = Handle(page, folio, ref walk, unmapped, out kills);
            if (outcome is MemoryFailureOutcome.Recovered or MemoryFailureOutcome.Delayed)
                page.PutOutOfUse();
        }

        _mutex.UpWrite();
        return new MemoryFailureReport(outcome, walk.Places, unmapped, kills);
    }

    /// <summary>Takes all entries of a locked folio of one page away. Kernel: unmap_poisoned_folio().</summary>
    /// <param name="folio">The folio, which has failed.</param>
    /// <param name="unmapped">Gets where they were; null if nobody asks.</param>
    /// <returns>Whether nothing maps it any more.</returns>
    internal bool Unmap(Folio folio, ICollection<(MmStruct Mm, long Page)>? unmapped)
    {
        // What is in a file, which nobody writes, is read again from there. What is in the swap cache is mapped again from there.
        bool isElsewhere = folio.Mapping.ReadOnce() is FileMapping || folio.Swap.ReadOnce() is not null;
        _system.Walk(folio, new UnmapWalk { Fails = !isElsewhere, Unmapped = unmapped ?? [] });
        _system.FlushDeferred();
        return !folio.IsMapped;
    }

    // The reference is kept, or given back if the folio cannot be split.
    private MemoryFailureOutcome Handle(
        PageFrame page, Folio folio, ref CollectWalk walk, List<(MmStruct Mm, long Page)> unmapped, out bool kills)
    {
        folio.Lock.Lock();
        if (folio.IsLarge && TrySplit(page, ref folio) is { } unsplit)
        {
            // Kernel: kill_procs_now().
            kills = true;
            walk = new CollectWalk(_system, unsplit);
            if (folio.IsMapped)
                Collect(folio, walk);
            folio.Lock.Unlock();
            _system.PutFolio(folio);
            return MemoryFailureOutcome.Failed;
        }

        page.Keep();
        MemoryFailureOutcome outcome = HandleLocked(folio, walk, unmapped, out kills);
        folio.Lock.Unlock();
        return outcome;
    }

    /// <summary>
    /// Splits a large folio, and has the one locked and held that its failed page is. If that cannot be, gives which of its pages that is.
    /// Kernel: try_to_split_thp_page().
    /// </summary>
    private int? TrySplit(PageFrame page, ref Folio folio)
    {
        int sub = Array.IndexOf(folio.Frames, page);
        List<Folio> pieces = [];
        if (_system.Split(folio, pieces) != SplitOutcome.Split)
            return sub;
        if (sub > 0)
        {
            folio.Lock.Unlock();
            _system.PutFolio(folio);
            folio = pieces[sub - 1];
        }

        foreach (Folio piece in pieces)
        {
            if (piece == folio)
                piece.OnLru.StoreRelease(true);
            else
                _system.PutBack(piece);
        }

        if (sub > 0)
            folio.Lock.Lock();
        return null;
    }

    // Kernel: hwpoison_user_mappings(), identify_page_state().
    private MemoryFailureOutcome HandleLocked(Folio folio, CollectWalk walk, List<(MmStruct Mm, long Page)> unmapped, out bool kills)
    {
        kills = false;

        // Somebody has isolated it since.
        if (!folio.OnLru.ReadOnce())
            return MemoryFailureOutcome.Failed;
        bool late = _system.Has(Bugs.CollectsAfterUnmapping);
        bool gone = true;
        if (folio.IsMapped)
        {
            if (!late)
                Collect(folio, walk);
            gone = Unmap(folio, unmapped);
            if (late)
                Collect(folio, walk);
            kills = folio.Dirty.ReadOnce() || !gone;
        }

        // Kernel: delete_from_lru_cache().
        if (!gone || !folio.OnLru.CompareExchange(true, false))
            return MemoryFailureOutcome.Failed;
        return TakeAway(folio);
    }

    // Kernel: me_pagecache_clean(), me_swapcache_clean(), me_swapcache_dirty().
    private MemoryFailureOutcome TakeAway(Folio folio)
    {
        FolioMapping? mapping = folio.Mapping.ReadOnce();
        if (mapping is FileMapping { File: { } file })
        {
            file.Drop(_system, folio);
            return MemoryFailureOutcome.Recovered;
        }

        bool isLost = folio.Swap.ReadOnce() is not null && folio.Dirty.ReadOnce();
        if (isLost)
            folio.Dirty.WriteOnce(false);
        else if (folio.Swap.ReadOnce() is not null)
            SwapCache.Drop(_system, folio);

        // Nobody will walk from it again, and it is never freed, so it would hold what it points to for ever. An anon_vma it does not hold, so
        // that the kernel leaves the mapping as it is.
        if (mapping is KsmNode node)
            node.FolioFreed(folio);
        if (mapping is { IsAnon: true } && !_system.Has(Bugs.FailedPagesKeepMapping))
            _system.ReverseMap.FolioFreed(folio);
        return isLost ? MemoryFailureOutcome.Delayed : MemoryFailureOutcome.Recovered;
    }

    // Kernel: collect_procs(). For those of files and of equal pages the kernel goes through processes too, and takes who could map it for who does.
    private void Collect(Folio folio, CollectWalk walk)
    {
        if (folio.Mapping.ReadOnce() is { IsAnon: true } and not KsmNode)
        {
            _system.ReverseMap.Collect(folio, walk);
            return;
        }

        _system.Walk(folio, walk);
        walk.KeepProcesses();
    }
}
