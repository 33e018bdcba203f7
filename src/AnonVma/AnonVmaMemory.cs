using RcuModel.Mm;

namespace RcuModel.AnonVmas;

/// <summary>What the reverse map of some address spaces takes in Linux, by what the model has of it.</summary>
/// <param name="AnonVmas">How many anon_vmas there are.</param>
/// <param name="Chains">How many chain elements.</param>
public readonly record struct AnonVmaMemory(long AnonVmas, long Chains)
{
    /// <summary>All of it in bytes, without what slabs leave unused.</summary>
    public long Bytes => (AnonVmas * AnonVma.ModelledSize) + (Chains * AnonVmaChain.ModelledSize);

    /// <summary>Counts what is reached from the VMAs of address spaces, at a moment when nothing changes them.</summary>
    /// <param name="mms">The address spaces.</param>
    public static AnonVmaMemory Of(IEnumerable<MmStruct> mms)
    {
        var anonVmas = new HashSet<AnonVma>(ReferenceEqualityComparer.Instance);
        long chains = 0;
        foreach (MmStruct mm in mms)
        {
            foreach (Vma vma in mm.AllVmas)
            {
                foreach (AnonVma anonVma in AnonVmaMap.ChainOf(vma))
                {
                    anonVmas.Add(anonVma);
                    chains++;
                }
            }
        }

        return new AnonVmaMemory(anonVmas.Count, chains);
    }
}
