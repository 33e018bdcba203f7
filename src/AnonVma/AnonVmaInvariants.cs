using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

/// <summary>What holds of all anon_vmas whenever nothing is going on: what VMAs, chains, trees and counts say of each other.</summary>
public static class AnonVmaInvariants
{
    /// <summary>Asserts it. All other threads have ended, or wait.</summary>
    /// <param name="vmas">All VMAs of a machine.</param>
    public static void Check(IEnumerable<Vma> vmas)
    {
        var found = new Dictionary<AnonVma, Found>(ReferenceEqualityComparer.Instance);
        foreach (Vma vma in vmas)
        {
            AnonVma[] chain = [.. AnonVmaMap.ChainOf(vma)];
            AnonVma? own = AnonVmaMap.Of(vma);
            Execution.Assert((own is null) == (chain.Length == 0), "a VMA is in trees from its first fault on");
            if (own is null)
                continue;
            Execution.Assert(Array.IndexOf(chain, own) >= 0, "a VMA is in the tree of the anon_vma that it gives its folios");
            Execution.Assert(chain[^1] == own.Root, "the last in the chain of a VMA is its root");
            CheckTrees(vma, found);
            found[own].AddActive(chain);
        }

        foreach (AnonVma anonVma in found.Keys)
        {
            Execution.Assert(
                found.ContainsKey(anonVma.Root) && found.ContainsKey(anonVma.Parent), "a VMA that is in the tree of a child is in its parent's");
            found[anonVma.Root].AddMember();
            found[anonVma.Parent].AddChild();
        }

        foreach ((AnonVma anonVma, Found of) in found)
        {
            Execution.Assert(anonVma.Root.Root == anonVma.Root, "the root of a root is itself");
            Execution.Assert(anonVma.Tree.Validate() == of.Chains, "in a tree is what chains say");
            Execution.Assert(anonVma.ActiveVmas == of.Active, "num_active_vmas is how many VMAs give their folios an anon_vma");
            Execution.Assert(anonVma.Children == of.Children, "num_children is how many anon_vmas have a parent");
            Execution.Assert(anonVma.References >= Math.Max(1, of.Members), "an anon_vma is held by its tree, and a root by each other member");
        }
    }

    // Each element is in the tree, with the range that the VMA has.
    private static void CheckTrees(Vma vma, Dictionary<AnonVma, Found> found)
    {
        for (AnonVmaChain? chain = AnonVmaChain.NewestOf(vma); chain is not null; chain = chain.Older.ReadOnce())
        {
            long first = vma.AnonOffset;
            Execution.Assert(
                chain.IsInserted && chain.First == (ulong)first && chain.Last == (ulong)(first + vma.Pages - 1),
                "a VMA is in the tree with the range that it has");
            if (!found.TryGetValue(chain.AnonVma, out Found? of))
                found.Add(chain.AnonVma, of = new Found());
            of.AddChain();
        }
    }

    private sealed class Found
    {
        [ThreadPrivate("the thread that checks")]
        private AnonVma[]? _chain;

        [ThreadPrivate("the thread that checks")]
        public int Chains { get; private set; }

        [ThreadPrivate("the thread that checks")]
        public int Active { get; private set; }

        [ThreadPrivate("the thread that checks")]
        public int Children { get; private set; }

        [ThreadPrivate("the thread that checks")]
        public int Members { get; private set; }

        public void AddChain() => Chains++;

        public void AddChild() => Children++;

        public void AddMember() => Members++;

        // Who merges VMAs, or looks whether that can be, compares what they give their folios and takes the chains for equal.
        public void AddActive(AnonVma[] chain)
        {
            Active++;
            _chain ??= chain;
            Execution.Assert(chain.AsSpan().SequenceEqual(_chain), "VMAs that give their folios the same anon_vma are in the same trees");
        }
    }
}
