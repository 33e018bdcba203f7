using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Copying the address space.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Copies the address space for a child: its pages are shared from then on, and copied when either writes. Kernel: dup_mmap().
    /// </summary>
    /// <param name="name">What dumps and traces call the child.</param>
    /// <param name="errno">ENOMEM if there is no memory, and then no child.</param>
    public MmStruct? Fork(string name, out Errno errno)
    {
        errno = Errno.ENOMEM;
        if (Allocate(System, name) is not { } child)
            return null;
        WriteLock();

        // Nobody knows the child, so it is free; it is tried because we have a lock of its kind already.
        bool free = child.MmapLock.TryDownWrite();
        Execution.Assert(free, "nobody knows an mm that is being made");
        child.VmaLocks.BeginWrite();
        System.ReverseMap.ForkBegins(child, this);
        if (IsKsm.ReadOnce())
            System.Ksm!.Enter(child);
        bool copied = CopyTo(child);
        System.ReverseMap.ForkEnds(child, this);
        child.WriteUnlock();

        // What processors know of us may be writable. Stores until here are before the fork.
        FlushTlb();
        WriteUnlock();
        if (!copied)
        {
            child.Put();
            return null;
        }

        // Kernel: copy_process(). Until here nobody finds the child by the list of processes, though walks have found its pages.
        System.Processes?.Add(child);
        errno = Errno.None;
        return child;
    }

    /// <summary>
    /// Copies the VMAs and what is in them. The child's tree begins as a copy of ours, so until its place is taken each of our VMAs is in
    /// the child's tree too. False if there is no memory: then the child has those VMAs that were done.
    /// </summary>
    private bool CopyTo(MmStruct child)
    {
        if (!System.MayAllocate())
            return false;
        child.Vmas.LeaveRcu();
        Vmas.Duplicate(child.Vmas);
        for (Vma? vma = Find(0); vma is not null; vma = Find(vma.End.ReadOnce()))
        {
            // A fault that has only the lock of the VMA would map a page writable that the child is to share.
            if (!System.Has(Bugs.ForkLocksNoVmas))
                vma.Lock.StartWrite();
            var (first, last) = ((ulong)vma.Start.ReadOnce(), (ulong)vma.End.ReadOnce() - 1);
            if (vma.Allows(VmFlags.DontCopy))
            {
                child.Vmas.Store(first, last, null);
                continue;
            }

            if (ForkVma(vma, child) is not { } copy)
            {
                child.Vmas.Store(first, ulong.MaxValue, null);
                return false;
            }

            copy.Lock.StartWrite();
            child.Vmas.Store(first, last, copy);
            copy.Lock.Attach();
            LinkFile(copy);
            if (!copy.Allows(VmFlags.WipeOnFork) && !CopyPagesNotified(copy, vma))
            {
                child.Vmas.Store(last + 1, ulong.MaxValue, null);
                return false;
            }
        }

        child.Vmas.EnterRcu();
        return true;
    }

    /// <summary>A child's VMA, known to the reverse map before any page of it. Kernel: vm_area_dup(), anon_vma_fork().</summary>
    private Vma? ForkVma(Vma vma, MmStruct child)
    {
        Vma? copy = System.Vmas.Allocate(
            child, vma.Start.ReadOnce(), vma.End.ReadOnce(), vma.Offsets, vma.Flags.ReadOnce(), vma.File.ReadOnce());
        if (copy is null || copy.Allows(VmFlags.WipeOnFork) || System.ReverseMap.Fork(copy, vma))
            return copy;
        VmaSlab.Free(copy);
        return null;
    }

    // What is shared becomes read-only in the parent.
    private bool CopyPagesNotified(Vma copy, Vma vma)
    {
        var (start, end) = (vma.Start.ReadOnce(), vma.End.ReadOnce());
        NotifyStart(start, end);
        if (System.HasTlbs)
            _writeProtect.WriteBegin();
        bool copied = CopyPages(copy, vma);
        if (System.HasTlbs)
            _writeProtect.WriteEnd();
        NotifyEnd(start, end);
        return copied;
    }

    /// <summary>
    /// Has a child's VMA share the pages of its parent's. One that was never written has pages of zeros only, which the child gets anew
    /// where it looks. False if there is no memory. Kernel: copy_page_range().
    /// </summary>
    private bool CopyPages(Vma copy, Vma vma)
    {
        if (vma.AnonVma.ReadOnce() is null)
            return true;
        MmStruct child = copy.Mm.ReadOnce()!;
        long end = vma.End.ReadOnce();
        for (long page = vma.Start.ReadOnce(); page < end;)
        {
            long stop = Math.Min(end, EndOfTable(page));
            if (IsHuge(page))
            {
                if (!System.MayAllocate())
                    return false;
                PageTable deposit = new(System.Config);
                if (TryCopyHuge(copy, child, page, deposit))
                {
                    page = stop;
                    continue;
                }

                deposit.Free();
            }

            if (Tables[TableIndex(page)].ReadOnce() is not null)
            {
                if (!child.EnsureTable(page))
                    return false;

                // A page that is pinned stops it, until there is one for the child.
                Folio? own = null;
                for (long next = page; (next = CopyEntries(copy, child, next, stop, ref own)) < stop;)
                {
                    if (!System.MayAllocate())
                        return false;
                    own = child.NewFolio(next);
                }

                if (own is not null)
                    System.PutFolio(own);
            }

            page = stop;
        }

        return true;
    }

    /// <summary>
    /// Copies entries until the end or the first whose page is pinned, unless there is one for the child. Kernel: copy_pte_range().
    /// </summary>
    private long CopyEntries(Vma copy, MmStruct child, long page, long stop, ref Folio? own)
    {
        PageTable target = child.LockTable(page)!;
        if (LockTable(page, subclass: 1) is { } source)
        {
            for (; page < stop; page++)
            {
                ref Ref<Pte> entry = ref source[page];
                if (entry.ReadOnce() is not { } pte)
                    continue;
                if (pte.IsPresent && pte.Folio!.ExclusiveOf(pte.Sub).ReadOnce() && System.IsPinned(pte.Folio!))
                {
                    if (own is null)
                        break;
                    target[page].StoreRelease(CopyNow(copy, page, pte, own));
                    own = null;
                    continue;
                }

                Pte shared = Share(pte, copy, page);
                PteUpdate.Change(System, ref entry, pte, pte.Bits & ~shared.Bits, PteBits.None);
                target[page].StoreRelease(shared.Kind == PteKind.Present ? shared.With(shared.Bits & ~PteBits.Young) : shared);
            }

            UnlockTable(source);
        }
        else
        {
            page = stop;
        }

        child.UnlockTable(target);
        return page;
    }

    /// <summary>The child gets a copy at once: who has pinned the page writes it for the parent. Kernel: copy_present_page().</summary>
    private static Pte CopyNow(Vma copy, long page, Pte pte, Folio own)
    {
        own.Content.WriteOnce(pte.Folio!.ContentOf(pte.Sub).ReadOnce());
        AnonRmap.AddNew(own, copy, page, exclusive: true);
        own.OnLru.StoreRelease(true);
        return Pte.Present(own, copy.Allows(VmFlags.Write) ? PteBits.Dirty | PteBits.Write : PteBits.Dirty);
    }

    /// <summary>
    /// Counts a child's entry, and gives what the parent's becomes: nothing that is shared may be written. Kernel: copy_present_ptes(),
    /// copy_nonpresent_pte().
    /// </summary>
    private Pte Share(Pte pte, Vma copy, long page)
    {
        switch (pte.Kind)
        {
            case PteKind.Swap:
                SwapCache.Duplicate(pte.Slot!);
                return pte.With(pte.Bits & ~PteBits.Exclusive);
            case PteKind.Migration:
                return pte.With(pte.Bits & ~(PteBits.Write | PteBits.Exclusive));
            case PteKind.Failed:
                return pte;
            default:
                if (pte.Folio != System.ZeroFolio)
                {
                    pte.Folio!.Get();
                    if (IsOfFile(pte.Folio!, copy))
                        pte.Folio!.MapCount.FetchAdd(1);
                    else
                        AnonRmap.Duplicate(pte.Folio!, pte.Sub, copy, page);
                }

                return pte.With(pte.Bits & ~PteBits.Write);
        }
    }
}
