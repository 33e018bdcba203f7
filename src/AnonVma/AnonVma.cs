using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// An old pointer to one, in the mapping of a folio that nobody maps any more, may lead to any life of the memory. Whoever
// follows it, in RCU, may do three things:
//
//   try the root's lock, which is a lock in all lives; who has got it and then finds the folio mapped has the right anon_vma,
//   hold it, unless nobody else does; who has got that and then finds the folio mapped has the right one,
//   otherwise, turn away.
//
// The count, the lock and the tree therefore are what they are when the memory is made, and stay so through all lives: each life
// ends with a count of 0, a free lock and an empty tree.

/// <summary>
/// What the folios of related VMAs point to: it finds all VMAs that may map one of them, by a tree of their ranges. It lives as
/// long as a VMA is in its tree or somebody holds it, and its root as long as it does.
/// </summary>
/// <remarks>
/// <para>
/// One lock, that of the root, is for the trees and the counts of a whole family: all anon_vmas that a process and its
/// descendants got from one VMA. Held for reading it keeps VMAs in the trees and their ranges as they are.
/// </para>
/// <para>Kernel: struct anon_vma, of a cache with SLAB_TYPESAFE_BY_RCU and a constructor.</para>
/// </remarks>
public sealed class AnonVma : SharedObject
{
    /// <summary>What one takes in Linux on x86-64, in bytes.</summary>
    public const int ModelledSize = 96;

    private Ref<AnonVma> _root;
    private Cell<int> _references;
    private Plain<int> _children;
    private Plain<int> _activeVmas;
    private PlainRef<AnonVma> _parent;
    private Plain<bool> _isLockedWithAll;

    /// <summary>Makes the memory, once for all lives. Kernel: anon_vma_ctor().</summary>
    /// <param name="grain">What its lock is made of.</param>
    internal AnonVma(Grain grain)
        : base("anon_vma")
    {
        _root = new Ref<AnonVma>(this, null, "root");
        _references = new Cell<int>(this, 0, "refcount");
        _children = new Plain<int>(this, 0, "num_children");
        _activeVmas = new Plain<int>(this, 0, "num_active_vmas");
        _parent = new PlainRef<AnonVma>(this, null, "parent");
        _isLockedWithAll = new Plain<bool>(this, false, "mm_all_locks");
        Lock = new GrainRwsem(this, "anon_vma->rwsem", grain);
        Tree = new IntervalTree(this, "rb_root");
        Mapping = new AnonMapping(this, isTagged: true);
        Untagged = new AnonMapping(this, isTagged: false);
    }

    /// <summary>Whose lock is that of the family.</summary>
    public AnonVma Root
    {
        get => _root.ReadOnce()!;
        internal set => _root.WriteOnce(value);
    }

    /// <summary>From which it comes by fork; a root is its own. Under the family's lock.</summary>
    public AnonVma Parent
    {
        get => _parent.Read()!;
        internal set => _parent.Write(value);
    }

    /// <summary>Of how many it is the parent, of itself too if it is a root. Under the family's lock. Kernel: num_children.</summary>
    public int Children => _children.Read();

    /// <summary>How many VMAs give it to their folios. Under the family's lock. Kernel: num_active_vmas.</summary>
    public int ActiveVmas => _activeVmas.Read();

    /// <summary>How many hold it: its tree for one, each temporary holder, and of a root each other member. Kernel: refcount.</summary>
    public int References => _references.ReadOnce();

    /// <summary>The chain elements of all VMAs that may map its folios. Kernel: rb_root.</summary>
    internal IntervalTree Tree { get; }

    /// <summary>What its folios have as mapping.</summary>
    internal AnonMapping Mapping { get; }

    /// <summary>The same without the bit that says so: what bug B7 stores first.</summary>
    internal AnonMapping Untagged { get; }

    /// <summary>The lock of the family of which this is the root; nobody takes that of another member. Kernel: rwsem.</summary>
    internal GrainRwsem Lock { get; }

    /// <summary>
    /// Whether its lock, if it is a root, was taken with all those of an address space; under the lock of who does that. Kernel: the lowest bit of
    /// rb_root.rb_node.
    /// </summary>
    internal bool IsLockedWithAll
    {
        get => _isLockedWithAll.Read();
        set => _isLockedWithAll.Write(value);
    }

    /// <summary>Begins a life: alone, held by the caller. Kernel: anon_vma_alloc().</summary>
    internal void Init()
    {
        // Relaxed: who finds it by an old pointer trusts nothing of it, and who finds it by a new one finds it through a lock.
        _references.WriteOnce(1);
        _children.Write(0);
        _activeVmas.Write(0);
        _parent.Write(this);
        _root.WriteOnce(this);
    }

    /// <summary>Counts a child. Under the family's lock, or before anybody knows it.</summary>
    internal void AddChild() => _children.Write(_children.Read() + 1);

    /// <summary>Forgets a child. Under the family's lock.</summary>
    internal void RemoveChild()
    {
        int children = _children.Read() - 1;
        Execution.Assert(children >= 0, "an anon_vma loses no more children than it had");
        _children.Write(children);
    }

    /// <summary>Counts a VMA that gives it to its folios. Under the family's lock, or before anybody knows it.</summary>
    internal void AddActiveVma() => _activeVmas.Write(_activeVmas.Read() + 1);

    /// <summary>Forgets such a VMA. Under the family's lock.</summary>
    internal void RemoveActiveVma()
    {
        int vmas = _activeVmas.Read() - 1;
        Execution.Assert(vmas >= 0, "an anon_vma loses no more VMAs than it had");
        _activeVmas.Write(vmas);
    }

    /// <summary>Holds it, by who knows that it is held. Kernel: get_anon_vma().</summary>
    internal void Get()
    {
        // Relaxed: the caller's own hold came with an order, and keeps it there.
        int before = _references.FetchAdd(1, Order.Relaxed);
        Execution.Assert(before > 0, "an anon_vma that nobody holds is not held again");
    }

    /// <summary>Holds it unless nobody does. Kernel: atomic_inc_not_zero() of refcount.</summary>
    internal bool TryGet() => _references.AddUnless(1, 0, Order.Full) != 0;

    /// <summary>Lets go of it; true for the last, who ends its life. Kernel: atomic_dec_and_test() of refcount.</summary>
    internal bool LetGo()
    {
        // Full: what was done under the hold comes before the end, and that nothing maps its folios comes before a look at the
        // lock. Pairs with who takes the lock and looks at the mapcount afterwards.
        int before = _references.FetchAdd(-1, Order.Full);
        Execution.Assert(before > 0, "an anon_vma is let go of no more often than it was held");
        return before == 1;
    }

    /// <summary>Keeps everybody out of the family. Kernel: anon_vma_lock_write().</summary>
    internal void LockWrite() => Root.Lock.DownWrite();

    /// <summary>Lets them in again. Kernel: anon_vma_unlock_write().</summary>
    internal void UnlockWrite() => Root.Lock.UpWrite();

    /// <summary>Keeps the family as it is, together with others. Kernel: anon_vma_lock_read().</summary>
    internal void LockRead() => Root.Lock.DownRead();

    /// <summary>The same if that needs no waiting. Kernel: anon_vma_trylock_read().</summary>
    internal bool TryLockRead() => Root.Lock.TryDownRead();

    /// <summary>Lets changes in again. Kernel: anon_vma_unlock_read().</summary>
    internal void UnlockRead() => Root.Lock.UpRead();

    /// <inheritdoc/>
    public override string ToString() => $"anon_vma{ObjectId}";
}
