using RcuModel.Mm;

namespace RcuModel.Scripts.Tests;

/// <summary>
/// The model and the kernel of this machine come to the same, line by line, on random scripts; and a model that gets something wrong does
/// not. <c>rcumodel mm compare --scripts N</c> tries more.
/// </summary>
public sealed class AgreementTests
{
    /// <summary>What scripts are of.</summary>
    public enum Kind
    {
        /// <summary>Pages.</summary>
        Usual,

        /// <summary>Large folios and huge pages.</summary>
        Large,

        /// <summary>Pages that KSM shares.</summary>
        Shared,
    }

    [OracleTheory]
    [InlineData(Kind.Usual, 18, 300)]
    [InlineData(Kind.Large, 5, 60)]
    [InlineData(Kind.Shared, 1, 40)]
    public void The_model_does_what_the_kernel_does(Kind kind, ulong seed, int scripts)
    {
        Difference? difference = Search(Bugs.None, seed, scripts, out _, kind);
        Assert.True(
            difference is null,
            difference is null ? "" : $"{difference.Script}\n{SideBySide.Draw(difference.Kernel, difference.Machine, "kernel", "model", 120)}");
    }

    [OracleTheory]
    [InlineData(Bugs.MergeForgetsChain, Kind.Usual)]
    [InlineData(Bugs.AmbiguousDegree, Kind.Usual)]
    [InlineData(Bugs.ReuseTrustsMapCount, Kind.Large)]
    public void A_model_with_a_bug_of_old_does_not(Bugs bug, Kind kind)
    {
        Difference? difference = Search(bug, seed: 1, 5_000, out int compared, kind);
        Assert.True(difference is not null, $"no difference in {compared} scripts");
    }

    private static Difference? Search(Bugs bugs, ulong seed, int scripts, out int compared, Kind kind)
    {
        bool swaps = OracleFactAttribute.WhyNoSwap() is null;
        using KernelOracle kernel = KernelOracle.Open();
        var comparison = new Comparison(
            kernel.Run, () => new ModelMachine(ModelDesign.Create(ModelDesign.Names[0])!, KernelRules.V6_18, bugs))
        {
            Retries = kind == Kind.Large ? 2 : 0,
        };
        var generator = new ScriptGenerator(new ScriptGeneratorOptions
        {
            LargeFolios = kind == Kind.Large,
            SharedPages = kind == Kind.Shared,
            Processes = kind == Kind.Large ? 4 : 8,
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
