namespace RcuModel.Primitives;

/// <summary>
/// What stands in an <see cref="RcuNullsList"/>, or points to what does: the list itself, which is also the mark of its end, or a node.
/// </summary>
/// <remarks>Kernel: what next of a struct hlist_nulls_node holds, a node or a marked value, and what its pprev points to.</remarks>
public abstract class RcuNullsLink : SharedObject
{
    // Readers follow it, also from a node that has been removed, and from one that is in another list by now.
    internal Ref<RcuNullsLink> Next;

    private protected RcuNullsLink(string name, string next)
        : base(name) => Next = new Ref<RcuNullsLink>(this, null, next);
}
