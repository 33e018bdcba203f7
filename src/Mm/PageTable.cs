using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// The last level of an mm's page tables: entries for neighbouring pages, and the lock under which they are changed. It is freed while
/// others may still look for it, at once or after a grace period. Kernel: the page that a PMD entry points to, with its ptdesc.
/// </summary>
public sealed class PageTable : SharedObject, IPmd
{
    /// <summary>The entries. Written under <see cref="Lock"/>; the hardware and lockless walkers read them without.</summary>
    public readonly Ref<Pte>[] Entries;

    /// <summary>How many mms have it. Raised under the tree of the file, lowered under that and its lock. Kernel: pt_share_count.</summary>
    internal Cell<int> Sharers;

    /// <summary>Creates an empty table.</summary>
    /// <param name="config">Its size and grain.</param>
    /// <param name="isShareable">Whether several mms may have it.</param>
    public PageTable(MmConfig config, bool isShareable = false)
        : base("table", mustFree: true)
    {
        IsShareable = isShareable;
        Sharers = new Cell<int>(this, 1, "pt_share_count");
        Entries = Ref<Pte>.Array(this, config.EntriesPerTable, "pte");
        Lock = new GrainSpinlock(this, "ptl", config.Grain);
    }

    /// <summary>
    /// Whether several mms may have it, or might once. What it maps is huge; so walks without a lock look at an entry of it twice, and not at the
    /// one above.
    /// </summary>
    internal bool IsShareable { get; }

    /// <summary>The entry of a page that has its entry here.</summary>
    /// <param name="page">The page.</param>
    public ref Ref<Pte> this[long page] => ref Entries[page % Entries.Length];

    /// <summary>Whether nothing is in it, for who has it locked.</summary>
    internal bool IsEmpty
    {
        get
        {
            bool isEmpty = true;
            for (int i = 0; isEmpty && i < Entries.Length; i++)
                isEmpty = Entries[i].ReadOnce() is null;
            return isEmpty;
        }
    }

    /// <summary>The lock of its entries. Kernel: the split page table lock, ptlock_ptr().</summary>
    public GrainSpinlock Lock { get; }
}
