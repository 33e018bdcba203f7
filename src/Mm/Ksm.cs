using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Finds anonymous pages that are equal, in mappings where that was advised, and has one page in place of them all, which is copied again for
/// whoever writes it. Rounds are made by whoever asks for one, one after the other.
/// </summary>
/// <remarks>
/// <para>Pages that are shared are in a list; of the others those that have not changed since the last round are compared with each other. A
/// tree takes fewer comparisons, and finds the same: equal pages are equal in any order. Large folios are left alone.</para>
/// <para>Kernel: mm/ksm.c.</para>
/// </remarks>
public sealed class Ksm : SharedObject
{
    private readonly MmSystem _system;

    // Kernel: ksm_thread_mutex.
    private readonly GrainRwsem _rounds;

    // Kernel: ksm_mmlist_lock.
    private readonly GrainSpinlock _listLock;

    [ThreadPrivate("who has the lock of the list")]
    private readonly List<Slot> _slots = [];

    // Where a round is; no exit takes that away. Kernel: ksm_scan.mm_slot.
    [ThreadPrivate("who has the lock of the list")]
    private Slot? _cursor;

    // Kernel: root_stable_tree.
    [ThreadPrivate("who scans")]
    private readonly List<KsmNode> _stable = [];

    // Kernel: root_unstable_tree.
    [ThreadPrivate("who scans")]
    private readonly List<KsmItem> _unstable = [];

    internal Ksm(MmSystem system)
        : base("ksm")
    {
        _system = system;
        _rounds = new GrainRwsem(this, "ksm_thread_mutex", system.Config.Grain);
        _listLock = new GrainSpinlock(this, "ksm_mmlist_lock", system.Config.Grain);
    }

    /// <summary>Makes one round: comes by each page once. What changed since the last one is left for the next. Kernel: ksm_do_scan().</summary>
    public void Scan()
    {
        _rounds.DownWrite();
        _unstable.Clear();
        for (Slot? slot = NextBehind(null); slot is not null; slot = NextBehind(slot))
            Scan(slot);
        _rounds.UpWrite();
    }

    /// <summary>An address space has been advised, or forked from one that was: rounds come by it from now on. Kernel: __ksm_enter().</summary>
    /// <param name="mm">The address space; its mmap lock is held for writing.</param>
    internal void Enter(MmStruct mm)
    {
        mm.VmaLocks.Grab();
        _listLock.Lock();
        _slots.Add(new Slot(mm));
        _listLock.Unlock();
        mm.IsKsm.WriteOnce(true);
    }

    /// <summary>
    /// Nobody uses an address space any more, which is torn down next. Kernel: __ksm_exit().
    /// </summary>
    /// <param name="mm">The address space.</param>
    internal void Exit(MmStruct mm)
    {
        if (!mm.IsKsm.ReadOnce())
            return;
        _listLock.Lock();
        Slot? slot = _slots.Find(known => known.Mm == mm);
        bool easy = slot is not null && slot != _cursor && !slot.HasItems.ReadOnce();
        if (easy)
            _slots.Remove(slot!);
        _listLock.Unlock();
        if (easy)
        {
            mm.VmaLocks.Drop();
            return;
        }

        // A round that has the lock goes on with page tables that are there; one that gets it later sees that it must not.
        if (slot is not null)
        {
            mm.MmapLock.DownWrite();
            mm.MmapLock.UpWrite();
        }
    }

    private Slot? NextBehind(Slot? slot)
    {
        _listLock.Lock();
        int at = slot is null ? 0 : _slots.IndexOf(slot) + 1;
        Slot? next = at < _slots.Count ? _slots[at] : null;
        _cursor = next;

        // Nothing of it is left, and exit has left it to us.
        if (slot is not null && slot.IsOver)
            _slots.Remove(slot);
        _listLock.Unlock();
        if (slot is not null && slot.IsOver)
            slot.Mm.VmaLocks.Drop();
        return next;
    }

    private void Scan(Slot slot)
    {
        foreach (KsmItem item in slot.Items.Values)
            item.IsSeen = false;
        bool any = false;
        for (long page = 0; NextPage(slot.Mm, ref page, ref any) is { } folio; page++)
        {
            if (!slot.Items.TryGetValue(page, out KsmItem? item))
            {
                slot.Items.Add(page, item = new KsmItem(slot.Mm, page));
                slot.HasItems.WriteOnce(true);
            }

            item.IsSeen = true;
            ForgetUnseen(slot, page);
            Merge(item, folio);
            _system.PutFolio(folio);
        }

        ForgetUnseen(slot, long.MaxValue);
        slot.HasItems.WriteOnce(slot.Items.Count > 0);
        slot.IsOver = !any;
        if (!any)
            slot.Mm.IsKsm.WriteOnce(false);
    }

    // What was found earlier and a round has passed over is no longer known to be mapped when the next page is looked at. Kernel: get_next_rmap_item().
    private void ForgetUnseen(Slot slot, long before)
    {
        foreach (KsmItem item in slot.Items.Values.Where(item => !item.IsSeen && item.Page < before).ToArray())
        {
            Forget(item);
            slot.Items.Remove(item.Page);
        }
    }

    /// <summary>The next page of anonymous memory that may be merged, held; null if there is none. Kernel: scan_get_next_rmap_item().</summary>
    private Folio? NextPage(MmStruct mm, ref long page, ref bool any)
    {
        // Bug B31: looked at before the tree of VMAs cannot go any more.
        bool checksEarly = _system.Has(Bugs.KsmChecksExitUnlocked);
        bool isExiting = checksEarly && mm.IsExiting;
        mm.MmapLock.DownRead();
        if (!checksEarly)
            isExiting = mm.IsExiting;
        Folio? folio = null;
        if (isExiting)
            any = false;
        else
            folio = mm.NextMergeable(ref page, ref any);
        mm.MmapLock.UpRead();
        return folio;
    }

    // Kernel: cmp_and_merge_page(). What has changed since the last round may change again, and is only remembered.
    private void Merge(KsmItem item, Folio folio)
    {
        var node = folio.Mapping.ReadOnce() as KsmNode;
        if (node is not null && item.Node == node)
            return;
        Forget(item);
        Folio? shared = folio;
        if (node is null)
        {
            long content = folio.Content.ReadOnce();
            if (item.Content != content)
            {
                item.Content = content;
                return;
            }

            (node, shared) = FindStable(content);
        }
        else
        {
            shared.Get();
        }

        if (node is null)
        {
            MergeUnstable(item, folio, item.Content!.Value);
            return;
        }

        if (shared == folio || TryShare(item, folio, shared!, null))
            Append(item, node, shared!);
        _system.PutFolio(shared!);
    }

    // Kernel: stable_tree_search(), is_page_sharing_candidate(). What nothing maps any more goes. What nobody is known to map may go soon, and is
    // not shared any further; an equal page may become another shared one.
    private (KsmNode? Node, Folio? Folio) FindStable(long content)
    {
        foreach (KsmNode node in _stable.ToArray())
        {
            if (node.TryGetFolio() is not { } shared)
            {
                _stable.Remove(node);
                continue;
            }

            if (shared.Content.ReadOnce() == content && node.Items.Count > 0)
                return (node, shared);
            _system.PutFolio(shared);
        }

        return (null, null);
    }

    // Kernel: unstable_tree_search_insert(), try_to_merge_two_pages().
    private void MergeUnstable(KsmItem item, Folio folio, long content)
    {
        foreach (KsmItem other in _unstable)
        {
            if (other.Mm.GetMergeable(other.Page) is not { } found)
                return;

            // A page that is forked is shared already.
            bool merges = found != folio && found.Content.ReadOnce() == content;
            bool ends = merges || found == folio;
            if (merges)
                MergeTwo(item, folio, other, found);
            _system.PutFolio(found);
            if (ends)
                return;
        }

        _unstable.Add(item);
    }

    private void MergeTwo(KsmItem item, Folio folio, KsmItem other, Folio found)
    {
        var node = new KsmNode(_system, folio);
        if (!TryShare(item, folio, folio, node))
            return;
        if (!TryShare(other, found, folio, null))
        {
            // One that is alone need not be shared. Kernel: break_cow().
            item.Mm.BreakShared(item.Page);
            LetGo(item);
            return;
        }

        _stable.Add(node);
        _unstable.Remove(other);
        Append(other, node, folio);
        Append(item, node, folio);
    }

    /// <summary>
    /// Has a page of an address space be the shared one: puts that in its place, or makes it the shared one itself. Kernel:
    /// try_to_merge_with_ksm_page().
    /// </summary>
    private bool TryShare(KsmItem item, Folio folio, Folio shared, KsmNode? becomes)
    {
        MmStruct mm = item.Mm;
        mm.MmapLock.DownRead();
        Vma? vma = mm.FindMergeable(item.Page);
        bool done = vma is not null && mm.TryShare(vma, item.Page, folio, shared, becomes);
        if (done)
            Hold(item, vma!);
        mm.MmapLock.UpRead();
        return done;
    }

    private void Hold(KsmItem item, Vma vma)
    {
        LetGo(item);
        item.Held = _system.ReverseMap.HoldShared(vma);
        item.Index = vma.AnonIndexOf(item.Page);
    }

    // Kernel: stable_tree_append().
    private void Append(KsmItem item, KsmNode node, Folio folio)
    {
        if (item.Held is null)
        {
            // It has the page by a fork.
            item.Mm.MmapLock.DownRead();
            if (item.Mm.FindMergeable(item.Page) is { } vma)
                Hold(item, vma);
            item.Mm.MmapLock.UpRead();
            if (item.Held is null)
                return;
        }

        folio.Lock.Lock();
        node.Items.Add(item);
        folio.Lock.Unlock();
        item.Node = node;
    }

    // Kernel: remove_rmap_item_from_tree().
    private void Forget(KsmItem item)
    {
        if (item.Node is { } node)
        {
            Folio? folio = node.TryGetFolio();
            folio?.Lock.Lock();
            node.Items.Remove(item);
            folio?.Lock.Unlock();
            if (folio is not null)
                _system.PutFolio(folio);
            item.Node = null;
        }

        _unstable.Remove(item);
        LetGo(item);
    }

    private void LetGo(KsmItem item)
    {
        if (item.Held is { } held)
            _system.ReverseMap.LetGo(held);
        item.Held = null;
    }

    /// <summary>An address space that rounds come by. Kernel: struct ksm_mm_slot.</summary>
    private sealed class Slot : SharedObject
    {
        public Cell<bool> HasItems;

        public Slot(MmStruct mm)
            : base("ksm_mm_slot")
        {
            Mm = mm;
            HasItems = new Cell<bool>(this, false, "rmap_list");
        }

        public MmStruct Mm { get; }

        [ThreadPrivate("who scans")]
        public SortedDictionary<long, KsmItem> Items { get; } = [];

        [ThreadPrivate("who scans")]
        public bool IsOver { get; set; }
    }
}
