using RcuModel.Mm;

namespace RcuModel.CowContexts;

/// <summary>What the reverse map of some address spaces takes in the proposal, by what the model has of it.</summary>
/// <param name="Contexts">How many contexts there are, those of mms that are gone included.</param>
/// <param name="Ranges">How many ranges their remap tables have.</param>
/// <param name="Nodes">How many nodes of trees these need.</param>
/// <param name="ArrayBytes">What the arrays of offsets take, in bytes.</param>
public readonly record struct CowMemory(long Contexts, long Ranges, long Nodes, long ArrayBytes)
{
    /// <summary>What a node of a maple tree takes in Linux on x86-64, in bytes.</summary>
    public const int ModelledNodeSize = 256;

    /// <summary>All of it in bytes, without what slabs leave unused.</summary>
    public long Bytes => (Contexts * CowContext.ModelledSize) + (Nodes * ModelledNodeSize) + ArrayBytes;

    /// <summary>Counts what is reached from address spaces, at a moment when nothing changes them.</summary>
    /// <param name="mms">The address spaces.</param>
    public static CowMemory Of(IEnumerable<MmStruct> mms)
    {
        var contexts = new HashSet<CowContext>(ReferenceEqualityComparer.Instance);
        long ranges = 0, nodes = 0, arrays = 0;
        foreach (MmStruct mm in mms)
        {
            for (CowContext? context = CowContextMap.Of(mm); context is not null && contexts.Add(context); context = context.Parent)
            {
                foreach ((_, _, RemapEntry entry) in context.Remaps.Ranges())
                {
                    ranges++;
                    arrays += entry.ModelledSize;
                }

                nodes += context.Remaps.Nodes;
            }
        }

        return new CowMemory(contexts.Count, ranges, nodes, arrays);
    }
}
