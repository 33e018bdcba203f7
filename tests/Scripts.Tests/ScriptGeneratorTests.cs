namespace RcuModel.Scripts.Tests;

/// <summary>Random scripts.</summary>
public sealed class ScriptGeneratorTests
{
    private const string Expected = """
        p0 mmap 517 13
        p0 munmap 518 12
        p0 mprotect 517 1 rw
        p0 mmap 520 13
        p0 madvise 520 13 free
        p0 mprotect 530 3 rw
        p0 read 526 3
        p0 uffdmove 517 1 517
        dump

        """;

    private static readonly ScriptGenerator s_usual = new(new ScriptGeneratorOptions());

    [Fact]
    public void The_same_seed_gives_the_same_script()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            Assert.Equal(s_usual.Generate(seed).ToString(), s_usual.Generate(seed).ToString());
            Assert.NotEqual(s_usual.Generate(seed).ToString(), s_usual.Generate(seed + 1).ToString());
        }
    }

    [Fact]
    public void The_script_of_a_seed_is_the_same_everywhere()
    {
        string text = new ScriptGenerator(new ScriptGeneratorOptions { Operations = 8, WithoutFile = true }).Generate(1).ToString();
        Assert.Equal(Expected, text);
    }

    [Fact]
    public void Each_has_as_many_operations_as_asked_for_and_dumps_between_them()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            IReadOnlyList<ScriptOperation> operations = s_usual.Generate(seed).Operations;
            Assert.Equal(40, operations.Count(static operation => operation.Verb != ScriptVerb.Dump));
            Assert.Equal(5, operations.Count(static operation => operation.Verb == ScriptVerb.Dump));
            Assert.Equal(ScriptVerb.Dump, operations[^1].Verb);
        }
    }

    [Fact]
    public void Each_makes_sense_to_the_parser_and_no_more_processes_live_than_asked_for()
    {
        var generator = new ScriptGenerator(new ScriptGeneratorOptions { Operations = 200, Processes = 3 });
        for (ulong seed = 0; seed < 200; seed++)
        {
            MmScript script = generator.Generate(seed);
            Assert.Equal(script.Operations, ScriptParser.Parse(script.ToString()).Operations);
            int alive = 1;
            foreach (ScriptOperation operation in script.Operations)
            {
                alive += operation.Verb == ScriptVerb.Fork ? 1 : operation.Verb == ScriptVerb.Exit ? -1 : 0;
                Assert.InRange(alive, 1, 3);
            }
        }
    }

    [Fact]
    public void Scripts_about_huge_pages_have_what_they_need()
    {
        var generator = new ScriptGenerator(new ScriptGeneratorOptions { LargeFolios = true });
        MmScript[] scripts = [.. Enumerable.Range(0, 100).Select(seed => generator.Generate((ulong)seed))];
        ScriptOperation[] all = [.. scripts.SelectMany(static script => script.Operations)];
        Assert.Equal(Enum.GetValues<ScriptVerb>(), all.Select(static operation => operation.Verb).Distinct().Order());
        Assert.All(
            [Advice.Hugepage, Advice.Collapse, Advice.Pageout],
            advice => Assert.Contains(all, operation => operation.Verb == ScriptVerb.Madvise && operation.Advice == advice));

        // What is swapped out comes back in folios of the sizes that were there, if its places on the device happen to lie well.
        Assert.All(scripts, static script => Assert.False(
            script.Operations.Any(static operation => operation.Verb == ScriptVerb.Thp)
            && script.Operations.Any(static operation => operation.Verb == ScriptVerb.Madvise && operation.Advice == Advice.Pageout)));
        Assert.All(scripts, static script => Assert.Equal(script.Operations, ScriptParser.Parse(script.ToString()).Operations));
    }

    [Fact]
    public void Everything_occurs_but_huge_pages_and_ksm()
    {
        ScriptOperation[] all = [.. Enumerable.Range(0, 300).SelectMany(static seed => s_usual.Generate((ulong)seed).Operations)];
        Assert.Equal(Enum.GetValues<ScriptVerb>().Except([ScriptVerb.Thp, ScriptVerb.Shrink, ScriptVerb.Ksm]), all.Select(static operation => operation.Verb).Distinct().Order());
        Assert.Equal(
            [
                Advice.Dontneed, Advice.Pageout, Advice.Free, Advice.Dontfork, Advice.Dofork, Advice.Wipeonfork, Advice.Nohugepage,
                Advice.Dontdump, Advice.Dodump,
            ],
            all.Where(static operation => operation.Verb == ScriptVerb.Madvise).Select(static operation => operation.Advice).Distinct().Order());
    }

    [Fact]
    public void Half_of_the_scripts_map_the_file_unless_that_is_left_out()
    {
        var without = new ScriptGenerator(new ScriptGeneratorOptions { WithoutFile = true });
        Assert.InRange(Enumerable.Range(0, 300).Count(seed => MapsFile(s_usual, seed)), 100, 200);
        Assert.DoesNotContain(Enumerable.Range(0, 300), seed => MapsFile(without, seed));

        static bool MapsFile(ScriptGenerator generator, int seed) =>
            generator.Generate((ulong)seed).Operations.Any(static operation => operation.FilePage is not null);
    }

    [Fact]
    public void What_is_left_out_does_not_occur()
    {
        var generator = new ScriptGenerator(new ScriptGeneratorOptions
        {
            WithoutVerbs = [ScriptVerb.Resize, ScriptVerb.Fork],
            WithoutAdvice = [Advice.Pageout],
        });
        for (ulong seed = 0; seed < 100; seed++)
        {
            Assert.DoesNotContain(generator.Generate(seed).Operations, static operation =>
                operation.Verb is ScriptVerb.Resize or ScriptVerb.Fork
                || operation is { Verb: ScriptVerb.Madvise, Advice: Advice.Pageout });
        }
    }
}
