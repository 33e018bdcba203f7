using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// Held by its mm, by each child and by each folio that points to it. So a living folio keeps the context it points to, and by the
// children's holds all contexts above that; what is below comes and goes. Nobody moves a context: its parent is the same from the
// moment it is found.

/// <summary>
/// What stands for an mm in the reverse map: a folio points to one, and is mapped by its mm or by those of its descendants. It lives
/// longer than its mm if children or folios hold it, and what readers of RCU have found is there until they end.
/// </summary>
/// <remarks>Kernel of the proposal: struct cow_context.</remarks>
public sealed class CowContext : SharedObject
{
    /// <summary>What one takes in the proposal on x86-64, in bytes, without its remap table's nodes.</summary>
    public const int ModelledSize = 96;

    private Ref<MmStruct> _mm;
    private PlainRef<CowContext> _parent;
    private PlainRef<CowContext> _root;
    private RefCount _references;

    internal CowContext(MmStruct mm, IStabilisation stabilisation, CowBugs bugs)
        : base("cow_context", mustFree: true)
    {
        MmSystem system = mm.System;
        Grain grain = system.Config.Grain;
        Name = mm.Name;
        _mm = new Ref<MmStruct>(this, mm, "mm");
        _parent = new PlainRef<CowContext>(this, null, "parent");
        _root = new PlainRef<CowContext>(this, this, "root");
        _references = new RefCount(this, 1, "refcnt");
        Children = new RcuList(this, "children");
        Sibling = new RcuListNode(this, "sibling");
        ListLock = new GrainSpinlock(this, "list_write_lock", grain);
        Remaps = new RemapTable(this, system, bugs);
        Mapping = new CowMapping(this);
        State = stabilisation.StateOf(this, grain);
    }

    /// <summary>The name of its mm, for dumps and traces.</summary>
    public string Name { get; }

    /// <summary>Its mm; null once that has been torn down, or is about to be. Kernel: READ_ONCE(context->mm).</summary>
    public MmStruct? Mm
    {
        get => _mm.ReadOnce();
        internal set => _mm.WriteOnce(value);
    }

    /// <summary>The context of the mm that its mm was forked from; null for the first.</summary>
    public CowContext? Parent => _parent.Read();

    /// <summary>The first of all its ancestors; itself if it has none.</summary>
    public CowContext Root => _root.Read()!;

    /// <summary>How many hold it.</summary>
    public int References => _references.Count;

    /// <summary>Where the VMAs of its mm are that do not lie where their folios' index says.</summary>
    public RemapTable Remaps { get; }

    /// <summary>What the stabilisation keeps for it.</summary>
    public object? State { get; }

    /// <summary>How its mm changes just now; null if it does not.</summary>
    [ThreadPrivate("who changes the mm, with its mmap lock held")]
    internal CowChange? Change { get; set; }

    /// <summary>The contexts of the mms that were forked from its mm. Readers of RCU walk it.</summary>
    internal RcuList Children { get; }

    /// <summary>Its place among its parent's children.</summary>
    internal RcuListNode Sibling { get; }

    /// <summary>What its folios have as mapping.</summary>
    internal CowMapping Mapping { get; }

    // The lock of Children for who changes it.
    private GrainSpinlock ListLock { get; }

    /// <summary>Whether it is this one or one above that.</summary>
    /// <param name="other">The other.</param>
    public bool IsSelfOrAncestorOf(CowContext other)
    {
        for (CowContext? at = other; at is not null; at = at.Parent)
        {
            if (at == this)
                return true;
        }

        return false;
    }

    /// <summary>How many children it has, at a moment when that does not change.</summary>
    public int CountChildren()
    {
        int count = 0;
        for (RcuListNode? node = Children.First(); node is not null; node = Children.Next(node))
            count++;
        return count;
    }

    /// <summary>Says whose child it is; nobody else knows it yet.</summary>
    /// <param name="parent">The parent, which its mm holds.</param>
    internal void SetParent(CowContext parent)
    {
        parent.Get();
        _parent.Write(parent);
        _root.Write(parent.Root);
    }

    /// <summary>From now on walkers find it from its parent. Kernel of the proposal: the end of dup_cow_context().</summary>
    internal void Publish()
    {
        CowContext parent = Parent!;
        parent.ListLock.Lock();
        parent.Children.AddFirst(Sibling);
        parent.ListLock.Unlock();
    }

    /// <summary>Holds it, by who knows that it is held. Kernel of the proposal: get_cow_context().</summary>
    internal void Get() => _references.Increment();

    /// <summary>Holds it unless nobody does, for a walk that is a reader and is about to sleep. False if it has come to its end.</summary>
    public bool TryHold() => TryGet();

    /// <summary>Lets go of what <see cref="TryHold"/> gave.</summary>
    /// <param name="readers">The RCU of those who walk.</param>
    public void LetGo(GrainRcu readers) => Put(this, readers);

    /// <summary>Holds it unless nobody does. A reader of RCU may have found it.</summary>
    internal bool TryGet() => _references.IncrementNotZero();

    /// <summary>
    /// Lets go of a context. The last holder ends it, and with that lets go of its parent, and so on up to the first that somebody else
    /// holds. Kernel of the proposal: put_cow_context().
    /// </summary>
    /// <param name="context">The context.</param>
    /// <param name="rcu">The RCU of those who walk.</param>
    internal static void Put(CowContext context, GrainRcu rcu)
    {
        for (CowContext? at = context; at is not null && at._references.DecrementAndTest();)
        {
            Execution.Assert(at.Mm is null, "a context ends after its mm");
            CowContext? parent = at.Parent;
            if (parent is not null)
            {
                // One whose fork failed may have been published or not.
                parent.ListLock.Lock();
                if (at.Sibling.IsListed)
                    RcuList.Remove(at.Sibling);
                parent.ListLock.Unlock();
            }

            at.Remaps.Destroy();
            rcu.Free(at);
            at = parent;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"context of {Name}";
}
