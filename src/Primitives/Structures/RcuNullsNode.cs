namespace RcuModel.Primitives;

/// <summary>A place in an <see cref="RcuNullsList"/>. The caller's object derives from it; its memory remains one of its type.</summary>
/// <remarks>Kernel: struct hlist_nulls_node in an entry of a SLAB_TYPESAFE_BY_RCU slab.</remarks>
public class RcuNullsNode : RcuNullsLink
{
    // What points to it. Only updaters use it. Null outside of a list.
    internal PlainRef<RcuNullsLink> Previous;

    /// <summary>Creates a node that is in no list.</summary>
    /// <param name="name">What a trace calls it.</param>
    public RcuNullsNode(string name = nameof(RcuNullsNode))
        : base(name, "next") => Previous = new PlainRef<RcuNullsLink>(this, null, "pprev");

    /// <summary>Whether it is in a list; asked by an updater. Kernel: !hlist_nulls_unhashed().</summary>
    public bool IsListed => Previous.Read() is not null;
}
