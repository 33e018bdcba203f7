namespace RcuModel.Scripts.Tests;

/// <summary>Minimising, on predicates whose smallest scripts are known.</summary>
public sealed class ScriptMinimiserTests
{
    private static readonly ScriptGenerator s_generator = new(new ScriptGeneratorOptions());

    [Fact]
    public void One_operation_is_left_where_one_suffices()
    {
        MmScript script = Find(static script => script.Operations.Any(IsMove));
        MmScript small = new ScriptMinimiser(static script => script.Operations.Any(IsMove)).Minimise(script);
        ScriptOperation left = Assert.Single(small.Operations);
        Assert.Equal(ScriptOperation.Mremap("p0", 0, 1, left.NewStart) with { Line = 1 }, left);
        Assert.InRange(left.NewStart, 0, 1);
    }

    [Fact]
    public void What_a_child_does_needs_its_fork_and_names_have_no_gaps()
    {
        static bool Stays(MmScript script) => script.Operations.Any(static operation =>
            operation is { Verb: ScriptVerb.Write, Process: not MmScript.FirstProcess });
        Assert.Equal("p0 fork p1\np1 write 0\n", new ScriptMinimiser(Stays).Minimise(Find(Stays)).ToString());
    }

    [Fact]
    public void Pages_come_down_together_so_that_what_meets_still_does()
    {
        static bool Stays(MmScript script) => script.Operations.Any(move =>
            move.Verb == ScriptVerb.Mremap && move.NewStart > move.Start + 1
            && script.Operations.Any(other => other.Verb == ScriptVerb.Write && other.Start == move.NewStart));
        MmScript small = new ScriptMinimiser(Stays).Minimise(Find(Stays));
        Assert.Equal(2, small.Operations.Count);
        Assert.Contains("mremap 0 1 2\n", small.ToString());
        Assert.Contains("write 2\n", small.ToString());
    }

    [Fact]
    public void The_budget_is_kept()
    {
        int tries = 0;
        var minimiser = new ScriptMinimiser(
            script =>
            {
                tries++;
                return script.Operations.Any(IsMove);
            },
            triesMax: 10);
        minimiser.Minimise(Find(static script => script.Operations.Any(IsMove)));
        Assert.Equal(10, minimiser.Tries);
        Assert.Equal(11, tries);
    }

    [Fact]
    public void A_script_without_it_cannot_be_minimised() =>
        Assert.Throws<ArgumentException>(() => new ScriptMinimiser(static _ => false).Minimise(s_generator.Generate(1)));

    private static bool IsMove(ScriptOperation operation) => operation.Verb == ScriptVerb.Mremap;

    private static MmScript Find(Func<MmScript, bool> predicate) =>
        Enumerable.Range(1, 10_000).Select(static seed => s_generator.Generate((ulong)seed)).First(predicate);
}
