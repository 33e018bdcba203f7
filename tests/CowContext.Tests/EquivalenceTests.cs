using RcuModel.Mm;
using RcuModel.Scripts;
using RcuModel.Stabilisation;

namespace RcuModel.CowContexts.Tests;

/// <summary>
/// Random scripts, with private mappings of a file in both treatments and pages that KSM shares: each folio is found where a scan of all page tables
/// finds it, and today's design agrees.
/// </summary>
public sealed class EquivalenceTests
{
    private static readonly ScriptGenerator s_usual = new(new ScriptGeneratorOptions());

    private static readonly ScriptGenerator s_shared = new(new ScriptGeneratorOptions { SharedPages = true });

    // A run by hand may ask for more.
    private static readonly int s_scripts =
        int.TryParse(Environment.GetEnvironmentVariable("RCUMODEL_COW_SCRIPTS"), out int scripts) ? scripts : 300;

    [Fact]
    public void Each_folio_is_found_where_a_scan_of_all_page_tables_finds_it()
    {
        for (ulong seed = 1; seed <= (ulong)s_scripts; seed++)
        {
            var map = new CowContextMap(seed % 2 == 0 ? new RootLock() : new Unstabilised());
            using var machine = new ModelMachine(ModelDesign.Of(map), RulesOf(seed));
            ScriptRunner.Run(ScriptOf(seed), new CheckedMachine(machine));
        }
    }

    [Fact]
    public void Both_designs_find_the_same_entries_at_every_walk_and_leave_the_same_pages()
    {
        for (ulong seed = 1; seed <= (ulong)s_scripts; seed++)
        {
            MmScript script = ScriptOf(seed);
            using var both = new ModelMachine(ModelDesign.Of(new BothMaps(new RootLock())), RulesOf(seed));
            using var today = new ModelMachine(ModelDesign.Create("anon-vma")!, RulesOf(seed));
            var checkedBoth = new CheckedMachine(both);
            Assert.Equal(
                string.Concat(ScriptRunner.Run(script, today).Events), string.Concat(ScriptRunner.Run(script, checkedBoth).Events));
        }
    }

    // Every other two have an offset of their own for copies of a file's pages.
    private static KernelRules RulesOf(ulong seed) => seed / 2 % 2 == 0 ? KernelRules.V6_18 : KernelRules.MmUnstable;

    private static MmScript ScriptOf(ulong seed) => (seed % 5 == 0 ? s_shared : s_usual).Generate(seed);
}
