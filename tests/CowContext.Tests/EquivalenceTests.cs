using RcuModel.Mm;
using RcuModel.Scripts;
using RcuModel.Stabilisation;

namespace RcuModel.CowContexts.Tests;

/// <summary>Random scripts: each folio is found where a scan of all page tables finds it, and today's design agrees.</summary>
public sealed class EquivalenceTests
{
    private static readonly ScriptGenerator s_generator = new(new ScriptGeneratorOptions());

    // A run by hand may ask for more.
    private static readonly int s_scripts =
        int.TryParse(Environment.GetEnvironmentVariable("RCUMODEL_COW_SCRIPTS"), out int scripts) ? scripts : 300;

    [Fact]
    public void Each_folio_is_found_where_a_scan_of_all_page_tables_finds_it()
    {
        for (ulong seed = 1; seed <= (ulong)s_scripts; seed++)
            Run(seed, new CowContextMap(seed % 2 == 0 ? new RootLock() : new Unstabilised()));
    }

    [Fact]
    public void Both_designs_find_the_same_entries_at_every_walk_and_leave_the_same_pages()
    {
        for (ulong seed = 1; seed <= (ulong)s_scripts; seed++)
        {
            MmScript script = s_generator.Generate(seed);
            using var both = new ModelMachine(ModelDesign.Of(new BothMaps(new RootLock())), KernelRules.V6_18);
            using var today = new ModelMachine(ModelDesign.Create("anon-vma")!, KernelRules.V6_18);
            var checkedBoth = new CheckedMachine(both);
            Assert.Equal(
                string.Concat(ScriptRunner.Run(script, today).Events), string.Concat(ScriptRunner.Run(script, checkedBoth).Events));
        }
    }

    private static void Run(ulong seed, CowContextMap map)
    {
        MmScript script = s_generator.Generate(seed);
        using var machine = new ModelMachine(ModelDesign.Of(map), KernelRules.V6_18);
        ScriptRunner.Run(script, new CheckedMachine(machine));
    }
}
