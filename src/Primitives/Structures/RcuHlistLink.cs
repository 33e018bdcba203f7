using System.Diagnostics;

namespace RcuModel.Primitives;

/// <summary>What points to a node of an <see cref="RcuHlist"/>: the list itself, or the node before.</summary>
/// <remarks>Kernel: what pprev of a struct hlist_node points to.</remarks>
[DebuggerDisplay("next {Next}")]
public abstract class RcuHlistLink : SharedObject
{
    // Readers follow it, also from a node that has been removed.
    internal Ref<RcuHlistNode> Next;

    private protected RcuHlistLink(string name, string next)
        : base(name) => Next = new Ref<RcuHlistNode>(this, null, next);

    private protected RcuHlistLink(SharedObject owner, string name, string next)
        : base(name) => Next = new Ref<RcuHlistNode>(owner, null, next);
}
