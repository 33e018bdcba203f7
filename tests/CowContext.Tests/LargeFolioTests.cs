using RcuModel.Mm.Tests;
using RcuModel.Scripts;
using RcuModel.Stabilisation;

namespace RcuModel.CowContexts.Tests;

/// <summary>Large folios with random operations: a walk finds all entries of a folio whose pages lie in several VMAs, and both designs the same.</summary>
public sealed class LargeFolioTests
{
    [Fact]
    public void Each_walk_finds_each_entry()
    {
        for (int seed = 0; seed < 80; seed++)
            new RandomLargeRun(new Random(seed), new CowContextMap(seed % 2 == 0 ? new RootLock() : new IndexRangeLock())).Run(60);
    }

    [Fact]
    public void Both_designs_find_the_same_entries()
    {
        for (int seed = 0; seed < 40; seed++)
            new RandomLargeRun(new Random(seed), new BothMaps(new RootLock())).Run(60);
    }
}
