using System.Text;
using RcuModel.CowContexts;
using RcuModel.Mm;

namespace RcuModel.Scenarios;

/// <summary>
/// Every hazard of the catalogue, each accounted for: by scenarios in which it happens without a stabilisation, or by why it does not.
/// docs/hazards.md is made of this.
/// </summary>
public static class HazardTable
{
    /// <summary>All hazards, by their numbers.</summary>
    public static IReadOnlyList<Hazard> All { get; } =
    [
        new(1, "a page moves from where a walk has not been to where it has") { Seen = ["cow-h1-none"] },
        new(2, "a migration entry moves so, and is left behind when the folio has gone") { Seen = ["cow-h2-none", "migrate-move-table@none"] },
        new(3, "a fork copies entries for a child that a walk does not find, or finds when its tree is not complete")
        {
            Seen = ["cow-h3-none", new("cow-h3-late-none", CowBugs.PublishesLate)],
        },
        new(4, "a child forks after a walk has passed its children and before it comes to the child")
        {
            Seen = [new("cow-h4-none", CowBugs.VisitsChildrenFirst)],
            Remark = "A walk visits parents before their children.",
        },
        new(5, "a walk ends early where a folio has one mapping, which is a child's by then")
        {
            Seen = [new("cow-h5-none", CowBugs.StopsUnchecked)],
            Remark = "A walk ends early only where it has seen the one entry with its table locked.",
        },
        new(6, "munmap frees a page table that a walk is in") { Seen = ["cow-h6-none", "migrate-unmap@none", "reclaim-unmap@none"] },
        new(7, "a VMA that a walk has found is freed, and becomes one of another address space") { Seen = ["cow-h7-none"] },
        new(8, "an mm is freed between reading the pointer to it and holding it")
        {
            Seen = [new("cow-h8-none", CowBugs.MmFreedAtOnce)],
            Remark = "The memory of an mm goes after a grace period of the walkers.",
        },
        new(9, "an mm has no users any more and still has migration entries, and the walk that restores them passes it over")
        {
            Seen = ["cow-h9-none", "migrate-exit@none", "migrate-exit-both@none"],
        },
        new(10, "a walk is the last user of an mm, and must tear it down where it may not sleep")
        {
            Seen = ["cow-h10-none"],
            Remark = "What is seen is a walk that puts the mm at once (PutsMmAtOnce); the others put that off (MmStruct.PutLater).",
        },
        new(11, "start and offset of a VMA are read while a split or merge changes both") { Seen = ["cow-h11-none", "migrate-split@none"] },
        new(12, "a walk sleeps, and goes on with a position in a tree that has been rebalanced")
        {
            Remark = "A walk keeps no position in a tree of VMAs: it looks each address up from the root.",
        },
        new(13, "a VMA takes up its neighbour, and a walk finds both or neither") { Seen = ["cow-h13-none", "migrate-merge@none"] },
        new(14, "the table of moved ranges names the new place while entries are at the old one")
        {
            Seen = [new("cow-h14-none", CowBugs.MoveReplacesOffset)],
            Remark = "A move adds the new offset first and takes the old one away last.",
        },
        new(15, "a child's table of moved ranges is filled while a walk uses it")
        {
            Seen = [new("cow-h15-none", CowBugs.ForkRecordsLate)],
            Remark = "It is filled before any entry is copied, and what a walk reads of it is replaced, never changed.",
        },
        new(16, "an array of offsets is replaced by a larger one, and freed under a reader")
        {
            Seen = [new("cow-h16-none", CowBugs.ArraysInPlace | CowBugs.ArraysFreedAtOnce)],
            Remark = "Arrays go after a grace period.",
        },
        new(17, "an array of offsets is shifted in place, and a reader misses one or has one twice")
        {
            Seen = [new("cow-h17-none", CowBugs.ArraysInPlace)],
            Remark = "Arrays never change.",
        },
        new(18, "two munmaps that both go on as readers of the mmap lock take offsets out of one array")
        {
            Remark = "The second one waits for the lock for writing until the first has let go of it as a reader: cow-h18-fixed holds without the table's lock.",
        },
        new(19, "a first fault and a munmap change a table of moved ranges at once")
        {
            Seen = [new("cow-h19-none", CowBugs.TableUnlocked), new("cow-h19-file-none", CowBugs.TableUnlocked)],
            Remark = "The table has a spinlock for those who change it. Where copies of a file's pages have an index of their own it is not changed: cow-h19-file-anon-offsets-fixed holds without the lock.",
        },
        new(20, "a folio gets another context between two reads of it")
        {
            Seen = [new("cow-two-words", CowBugs.MappingInTwoWords)],
            Remark = "Context and mapping are one word, and every walk has the folio locked.",
        },
        new(21, "a shared page comes back from swap, and is given to the context of a child")
        {
            Seen = [new("cow-h21-none", CowBugs.SwapInToFaulting)],
            Remark = "What is not exclusive goes to the root of the family, so swap-in-* hold.",
        },
        new(22, "a folio moves to the context of a child that is forking it")
        {
            Remark = "Whether it is exclusive is decided with the table locked, which a fork must lock to copy the entry: cow-h22-fixed, *-write-shared and *-child-write hold.",
        },
        new(23, "a context ends under a walk that stands on it")
        {
            Seen = [new("cow-h23-asleep-none", CowBugs.WalkHoldsNothing)],
            Remark = "A walk is one reader, or holds the context: cow-h23-fixed and cow-h23-root-lock hold.",
        },
        new(24, "a process goes on forking, and a walk never ends or misses what is added")
        {
            Seen = ["cow-h24-none"],
            Remark = "What is seen is that forks which begin after a walk make it longer. None is missed: parents come first, so what is added has the changed entry copied (*-fork-twice hold).",
        },
        new(25, "a secondary MMU is told, which may sleep, by a reader of RCU") { Seen = ["cow-h25-none", "device-migrate@none", "device-reclaim@none"] },
        new(26, "a secondary MMU makes a translation between being told and the change of the entry")
        {
            Seen = [new("notify-retry-broken", Bugs.SecondaryMmuNeverRetries), new("notify-locked-broken", Bugs.NotifiesUnderTableLock)],
            Remark = "Without a stabilisation H25 comes first; with the sound ones device-migrate-move holds.",
        },
        new(27, "a folio is split while a collapse has its page table out of sight")
        {
            Seen = ["cow-h27-none", "split-collapse@none"],
            Remark = "Where a collapse keeps walks out, the split finds that the folio is held, and gives up: split-collapse and pair-pieces-* hold.",
        },
        new(28, "a walk writes a migration entry to a table that a collapse has taken out")
        {
            Seen = ["cow-h28-none", "migrate-collapse@none", new("collapse-migrate-broken", Bugs.CollapseLocksOutNobody)],
        },
        new(29, "two walks for neighbours, or a walk and a split of the PMD's entry, change what maps both")
        {
            Seen = [new("huge-referenced-zap-b25", Bugs.WalkTrustsHugeEntry), new("huge-reuse-split-b23", Bugs.ReuseTrustsMapCount)],
            Remark = "An entry is compared with its table locked: two-walkers* and split-large-protect-part hold.",
        },
        new(30, "reclaim passes over a child that has a copy of the entry")
        {
            Remark = "Tolerable: the folio stays mapped and is tried again. No oracle calls that a violation; what must not be lost is asserted in reclaim-fork*.",
        },
        new(31, "a look at how a page is used reads what has been freed") { Seen = ["age-unmap@none", "age-map-over@none"] },
        new(32, "KSM has (mm, address) and no anon_vma to start from")
        {
            Seen =
            [
                "cow-h32-fork-none", "cow-h32-exit-none", "cow-h32-unmap-none", new("cow-h32-in-mm-none", CowBugs.SharedStaysInMm),
                new("ksm-exit-b31", Bugs.KsmChecksExitUnlocked), new("ksm-migrate-move-unbroken", Bugs.KsmBreaksNoMigration),
            ],
            Remark = "It has (context, address): a walk goes from there to what was forked since, and needs what all walks need: *-ksm-* hold with the sound ones. What copies the page again, and rounds of KSM, hold without a stabilisation: cow-h32-write-fixed, cow-h32-scan-fork-fixed. With today's design all hold: ksm-*.",
        },
        new(33, "UFFDIO_MOVE gives a folio another index and mapping under a walk")
        {
            Seen = [new("uffdmove-swapped-b33", Bugs.UserfaultMoveTrustsEntry)],
            Remark = "Folio and both tables are locked, and the page is exclusive: *-uffdmove hold without a stabilisation. What is seen is the bug of entries that are swapped out.",
        },
        new(34, "UFFDIO_MOVE beside mremap")
        {
            Remark = "Both VMAs are read-locked, and mremap write-locks them: uffdmove-move-* hold.",
        },
        new(35, "exec moves a stack without the order of moves, under a walk")
        {
            Seen = [new("migrate-stack-b11", Bugs.MigratesTemporaryStacks)],
            Remark = "Migration leaves such stacks alone; reclaim that misses a page tries again: *-stack hold.",
        },
        new(36, "mremap moves a whole page table under a walk that is in it")
        {
            Seen = ["cow-h36-none", "migrate-move-table@none", new("tlb-move-table-migrate-b12", Bugs.MoveTableTakesNoLocks)],
        },
        new(37, "a TLB entry whose flush was put off is forgotten by who changes the entry next")
        {
            Seen = [new("tlb-reclaim-protect-b17", Bugs.ProtectFlushesNotBatched), new("tlb-move-migrate-b14", Bugs.MoveFlushesUnlocked)],
        },
        new(38, "munmap has cleared an entry whose folio still counts as mapped")
        {
            Seen = [new("split-beside-zap-b24", Bugs.SplitDoesNotWait)],
            Remark = "A walk that must come to all entries waits for the table's lock (TTU_SYNC); *-dontneed hold.",
        },
        new(39, "madvise or khugepaged frees a page table under a walk, without the mmap lock for writing")
        {
            Seen =
            [
                new("tlb-retract-b20", Bugs.FreesTableUninterrupted), new("retract-first-fault-b21", Bugs.RetractChecksUnlocked),
                new("retract-reclaim-b22", Bugs.RetractFreesAtOnce), new("retract-move-table-b13", Bugs.MoveTableTrustsLook),
            ],
            Remark = "A walker locks a table and looks whether it is still in its place, and tables go after a grace period: table-reclaim-* hold.",
        },
        new(40, "a stack grows downwards, which changes start and offset of a VMA") { Remark = "The models have no stacks that grow; it would be H11 again." },
        new(41, "another mapping is where a walk looks, with an equal offset")
        {
            Remark = "The folio of the entry is compared with the table locked: *-map-over hold with every sound alternative. Without one H6 comes first.",
        },
        new(42, "a walk comes to an entry twice")
        {
            Remark = "The second time it is not the folio's any more, which is seen with the table locked; what a retry visits again is counted (retries).",
        },
        new(43, "a walk gets no memory for the offsets that it collects")
        {
            Seen = [new("cow-h43-none", CowBugs.CollectsWhatFits)],
            Remark = "It looks them up one by one then: cow-h43-fixed holds.",
        },
        new(44, "a walk waits for a lock of somebody who waits for its folio")
        {
            Remark = "The scenarios wait-* look for it. Who changes an address space waits for no folio with a lock that walkers take, and locks VMAs before it keeps walkers out.",
        },
        new(45, "walks starve because changes never end") { Remark = "Explored executions end. What a walk does again is counted (retries), and `rcumodel bench` has what real threads do." },
        new(46, "changes starve because walks never end") { Remark = "As H45." },
        new(47, "a context is freed and its memory becomes another one's while a walk compares")
        {
            Remark = "A walk has its folio locked, whose mapping and context stay, and a context's memory goes after a grace period of the walkers.",
        },
        new(48, "a walk ends because nothing maps the folio, and a fork copies an entry after that")
        {
            Remark = "Only walks that unmap end so, and who calls them looks at the count again; the one that restores goes everywhere: *-fork* hold.",
        },
        new(49, "memory failure looks for processes where it may not sleep")
        {
            Seen = [new("fail-collect-in-reader", CowBugs.CollectsInReader)],
            Remark = "Any alternative whose walks wait for a lock could not be asked from within the list of processes. A walk collects mms, with references, and they are compared with the list behind it: fail-collect holds, and fail-* with the sound ones.",
        },
        new(50, "an operation stops all walks of an mm")
        {
            Seen = [new("register-beside-walk", Bugs.RegistersBesideWalks)],
            Remark = "For contexts it is one change of the mm's own context, which keeps walks out or waits for them: register-* hold with the sound ones. An alternative that can do neither has nothing to offer here.",
        },
    ];

    /// <summary>The names of the hazards that a scenario looks for, with their words; empty if it looks for none.</summary>
    /// <param name="scenario">The scenario.</param>
    public static string WordsOf(Scenario scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return string.Join("; ", All.Where(hazard => scenario.Hazards.Contains(hazard.Id)).Select(static hazard => $"{hazard.Name} {hazard.Words}"));
    }

    /// <summary>The scenarios with the hazards that this table says are seen in them.</summary>
    /// <param name="scenarios">The scenarios.</param>
    internal static IEnumerable<Scenario> AddTo(IEnumerable<Scenario> scenarios) => scenarios.Select(static scenario => scenario with
    {
        Hazards = [.. All.Where(hazard => hazard.Seen.Any(seen => seen.Scenario == scenario.Name)).Select(static hazard => hazard.Id)],
    });

    /// <summary>The table as Markdown.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("| | hazard | seen in | why not, or not all of it |\n|---|---|---|---|\n");
        foreach (Hazard hazard in All)
            text.Append("| ").AppendJoin(" | ", hazard.Name, hazard.Words, string.Join(", ", hazard.Seen), hazard.Remark.Replace("*", "\\*", StringComparison.Ordinal)).Append(" |\n");
        return text.ToString();
    }
}
