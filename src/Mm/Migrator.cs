using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>Gives the content and the place of a folio to another. Kernel: migrate_pages().</summary>
public static class Migrator
{
    /// <summary>
    /// Migrates a folio: entries that map it say so meanwhile, and then map the other one. If that cannot be, all is as before.
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio, isolated; the reference is given back.</param>
    public static MigrateOutcome Migrate(this MmSystem system, Folio folio)
    {
        if (folio.References.ReadOnce() == 1)
        {
            system.PutFolio(folio);
            return MigrateOutcome.Freed;
        }

        if (!system.MayAllocate())
        {
            system.PutBack(folio);
            return MigrateOutcome.NoMemory;
        }

        var target = new Folio(system, $"{folio}'", folio.Pages);
        folio.Lock.Lock();

        // While nothing maps the folio, its VMAs may go, and what it points to with them.
        // That is not so of a file's, for the file is there, and of a shared one's, for which others hold what it needs.
        bool holds = !system.Has(Bugs.MigrationHoldsNothing) && folio.Mapping.ReadOnce() is { IsAnon: true } and not KsmNode;
        SharedObject? held = holds ? system.ReverseMap.Hold(folio) : null;

        // Nobody knows it, so it is free; to wait for it inside the other one's lock would be wrong.
        Execution.Assert(target.Lock.TryLock(), "nobody has the lock of a folio that nobody knows");
        MigrateOutcome outcome = Move(system, folio, target);
        target.Lock.Unlock();
        if (outcome == MigrateOutcome.Moved)
        {
            system.PutFolio(target);
            if (held is not null)
                system.ReverseMap.LetGo(held);
            folio.Lock.Unlock();
            system.PutFolio(folio);
            return outcome;
        }

        if (held is not null)
            system.ReverseMap.LetGo(held);
        folio.Lock.Unlock();
        system.PutBack(folio);
        system.PutFolio(target);
        return outcome;
    }

    private static MigrateOutcome Move(MmSystem system, Folio folio, Folio target)
    {
        bool wasMapped = folio.IsMapped;
        var walk = new MigrateWalk(system) { ComesBack = true };
        if (wasMapped)
            system.Walk(folio, walk);
        MigrateOutcome outcome = folio.IsMapped ? MigrateOutcome.StillMapped
            : folio.HasAnyFailed ? MigrateOutcome.Failed
            : TryTakePlace(system, folio, target) ? MigrateOutcome.Moved
            : MigrateOutcome.Busy;
        if (wasMapped)
            system.Walk(outcome == MigrateOutcome.Moved ? target : folio, new RestoreWalk(folio) { Kept = walk.Kept });
        return outcome;
    }

    /// <summary>
    /// Makes the target what the folio was, if nobody but the caller and the swap cache holds that. Kernel: migrate_folio().
    /// </summary>
    private static bool TryTakePlace(MmSystem system, Folio folio, Folio target)
    {
        FolioMapping? mapping = folio.Mapping.ReadOnce();
        MappedFile? file = (mapping as FileMapping)?.File;
        bool alone = file is not null ? file.TryReplace(folio, target)
            : folio.Swap.ReadOnce() is null ? folio.References.LoadAcquire() == 1
            : SwapCache.TryReplace(folio, target);
        if (!alone)
            return false;
        folio.IsReplaced.WriteOnce(true);
        if (mapping is KsmNode node)
            node.FolioReplaced(folio, by: target);
        else if (file is null)
            system.ReverseMap.FolioReplaced(folio, by: target);
        target.SwapBacked.WriteOnce(folio.SwapBacked.ReadOnce());
        target.Dirty.WriteOnce(folio.Dirty.ReadOnce());
        for (int sub = 0; sub < folio.Pages; sub++)
            target.ContentOf(sub).WriteOnce(folio.ContentOf(sub).ReadOnce());
        target.OnLru.StoreRelease(true);
        return true;
    }
}
