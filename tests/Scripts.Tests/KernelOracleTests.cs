namespace RcuModel.Scripts.Tests;

/// <summary>The kernel of this machine, where it can be asked.</summary>
public sealed class KernelOracleTests
{
    private const string WholeTables = "p0 mmap 512 512\np0 write 600\np0 mremap 512 512 1024\np0 dontunmap 1024 512 2048\ndump\n";

    [Fact]
    public void A_runner_that_is_not_there_is_named()
    {
        string? reason = KernelOracle.WhyNot(Path.Combine("no", "such", "runner"));
        Assert.NotNull(reason);
        Assert.DoesNotContain('\n', reason);
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess)
            Assert.Contains("tools/oracle/setup", reason);
        Assert.Equal(reason, Assert.Throws<OracleException>(static () => KernelOracle.Open(Path.Combine("no", "such", "runner"))).Message);
    }

    [OracleFact]
    public void One_runner_serves_many_scripts_and_each_begins_anew()
    {
        using KernelOracle oracle = KernelOracle.Open();
        MmScript script = ScriptParser.Parse("p0 mmap 16 4\np0 write 17\np0 fork p1\np1 write 17\np0 munmap 0 0\np1 exit\ndump\n");
        const string Expected = """
            line 5: EINVAL
            mm p0
              vma 16-20 rw- pgoff 16 anon a0 chain a0
            anon a0 root a0 parent a0 children 1 vmas 1
            page p0:17 frame p0:17 mapcount 1 anon a0 index 17

            """;
        for (int i = 0; i < 20; i++)
            Assert.Equal(Expected, oracle.Run(script));
        Assert.Equal("", oracle.Run(MmScript.Of([])));
        Assert.Equal(Expected, oracle.Run(script));
    }

    [OracleFact]
    public void A_move_may_leave_the_mapping_and_whole_page_tables_move()
    {
        using KernelOracle oracle = KernelOracle.Open();
        Assert.Equal(
            """
            mm p0
              vma 1024-1536 rw- pgoff 512 anon none chain
              vma 2048-2560 rw- pgoff 512 anon a0 chain a0
            anon a0 root a0 parent a0 children 1 vmas 1
            page p0:2136 frame p0:2136 mapcount 1 anon a0 index 600 exclusive

            """,
            oracle.Run(ScriptParser.Parse(WholeTables)));
    }

    [OracleFact(NeedsSwap = true)]
    public void What_is_swapped_out_comes_back()
    {
        using KernelOracle oracle = KernelOracle.Open();
        string text = oracle.Run(ScriptParser.Parse("p0 mmap 0 2\np0 write 0 2\np0 madvise 0 2 pageout\ndump\np0 read 0\ndump\n"));
        Assert.Contains("page p0:0-2 swapped\n", text);
        Assert.EndsWith("page p0:0 frame p0:0 mapcount 1 anon a0 index 0 exclusive\npage p0:1 swapped\n", text);
    }

    [OracleFact]
    public void A_large_folio_is_told_of_with_its_counts()
    {
        using KernelOracle oracle = KernelOracle.Open();
        Assert.Equal(
            KernelDumps.Huge,
            oracle.Run(ScriptParser.Parse("p0 mmap 512 512\np0 madvise 512 512 hugepage\np0 write 512\np0 fork p1\np1 write 600\ndump\n")));
    }

    [OracleFact]
    public void A_script_that_it_refuses_is_told_and_the_next_one_runs()
    {
        using KernelOracle oracle = KernelOracle.Open();
        MmScript nobody = MmScript.Of([ScriptOperation.Exit("nobody")]);
        Assert.Equal("oracle: line 1: there is no process nobody", Assert.Throws<OracleException>(() => oracle.Run(nobody)).Message);
        Assert.NotEqual("", oracle.Run(ScriptParser.Parse("p0 mmap 0 1\ndump\n")));
    }

    [OracleFact(NeedsSwap = true)]
    public void The_kernel_agrees_with_itself()
    {
        using KernelOracle oracle = KernelOracle.Open();
        var comparison = new Comparison(oracle.Run, oracle.Run);
        var generator = new ScriptGenerator(new ScriptGeneratorOptions());
        for (ulong seed = 1; seed <= 300; seed++)
            Assert.Null(comparison.Compare(generator.Generate(seed)));
    }

    [OracleFact(NeedsSwap = true)]
    public void Its_dumps_are_in_the_canonical_form()
    {
        using KernelOracle oracle = KernelOracle.Open();
        var generator = new ScriptGenerator(new ScriptGeneratorOptions { DumpEvery = int.MaxValue });
        for (ulong seed = 1; seed <= 300; seed++)
        {
            string output = oracle.Run(generator.Generate(seed));
            string dump = output[output.IndexOf("mm p", StringComparison.Ordinal)..];
            Assert.Equal(dump, MmDump.Parse(dump).ToString());
        }
    }

    [OracleFact]
    public void A_machine_that_is_wrong_in_one_thing_is_shown_so_by_few_operations()
    {
        using KernelOracle oracle = KernelOracle.Open();

        // It believes that a child's new frame belongs to its parent's anon_vma.
        var comparison = new Comparison(oracle.Run, script => oracle.Run(script).Replace("anon a1 index", "anon a0 index"));
        var generator = new ScriptGenerator(new ScriptGeneratorOptions());
        MmScript found = Enumerable.Range(1, 1000).Select(seed => generator.Generate((ulong)seed))
            .First(script => comparison.Compare(script) is not null);
        MmScript small = new ScriptMinimiser(script => comparison.Compare(script) is not null).Minimise(found);
        Assert.InRange(small.Operations.Count, 1, 6);
    }
}
