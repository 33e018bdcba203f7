using RcuModel.Mm;

namespace RcuModel.Scripts.Tests;

/// <summary>
/// The model and the kernel of this machine come to the same, line by line, on random scripts; and a model that gets something wrong does
/// not. <c>rcumodel mm compare --scripts N</c> tries more.
/// </summary>
public sealed class AgreementTests
{
    private const int Scripts = 300;

    // Their dumps have thousands of pages.
    private const int LargeScripts = 60;

    [OracleFact]
    public void The_model_does_what_the_kernel_does()
    {
        Difference? difference = Search(Bugs.None, seed: 18, Scripts, out _);
        Assert.True(
            difference is null,
            difference is null ? "" : $"{difference.Script}\n{SideBySide.Draw(difference.Kernel, difference.Machine, "kernel", "model", 120)}");
    }

    [OracleFact]
    public void Nor_with_huge_pages_is_there_a_difference()
    {
        Difference? difference = Search(Bugs.None, seed: 5, LargeScripts, out _, large: true);
        Assert.True(
            difference is null,
            difference is null ? "" : $"{difference.Script}\n{SideBySide.Draw(difference.Kernel, difference.Machine, "kernel", "model", 120)}");
    }

    [OracleTheory]
    [InlineData(Bugs.MergeForgetsChain, false)]
    [InlineData(Bugs.AmbiguousDegree, false)]
    [InlineData(Bugs.ReuseTrustsMapCount, true)]
    public void A_model_with_a_bug_of_old_does_not(Bugs bug, bool large)
    {
        Difference? difference = Search(bug, seed: 1, 5_000, out int compared, large);
        Assert.True(difference is not null, $"no difference in {compared} scripts");
    }

    private static Difference? Search(Bugs bugs, ulong seed, int scripts, out int compared, bool large = false)
    {
        bool swaps = OracleFactAttribute.WhyNoSwap() is null;
        using KernelOracle kernel = KernelOracle.Open();
        var comparison = new Comparison(
            kernel.Run, () => new ModelMachine(ModelDesign.Create(ModelDesign.Names[0])!, KernelRules.V6_18, bugs))
        {
            Retries = large ? 2 : 0,
        };
        var generator = new ScriptGenerator(new ScriptGeneratorOptions
        {
            LargeFolios = large,
            Processes = large ? 4 : 8,
            WithoutAdvice = swaps ? [] : [Advice.Pageout],
        });
        for (compared = 0; compared < scripts; compared++)
        {
            if (comparison.Compare(generator.Generate(seed * 1_000_003 + (ulong)compared)) is { } difference)
                return difference;
        }

        return null;
    }
}
