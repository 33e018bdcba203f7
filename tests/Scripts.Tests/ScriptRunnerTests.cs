using RcuModel.Mm;

namespace RcuModel.Scripts.Tests;

/// <summary>What is printed when a script runs, whoever runs it.</summary>
public sealed class ScriptRunnerTests
{
    [Fact]
    public void Failures_are_printed_with_their_line_and_the_script_goes_on()
    {
        var machine = new Refusing((ScriptVerb.Munmap, Errno.EINVAL), (ScriptVerb.Write, Errno.EFAULT));
        var output = new StringWriter();
        MmScript script = ScriptParser.Parse("# comment\np0 munmap 1 0\np0 mmap 1 1\n\np0 write 7\ndump\n");
        ScriptResult result = ScriptRunner.Run(script, machine, output);
        Assert.Equal("line 2: EINVAL\nline 5: EFAULT\nmm p0\n", output.ToString());
        Assert.Equal(output.ToString(), string.Concat(result.Events));
        Assert.Equal(
            [ScriptVerb.Munmap, ScriptVerb.Mmap, ScriptVerb.Write], machine.Executed.Select(static operation => operation.Verb));
    }

    [Fact]
    public void Who_forked_whom_is_part_of_the_result()
    {
        ScriptResult result = ScriptRunner.Run(
            ScriptParser.Parse("p0 fork a\na fork b\na exit\np0 fork c"), new Refusing());
        Assert.Equal(
            new Dictionary<string, string> { ["a"] = "p0", ["b"] = "a", ["c"] = "p0" }, result.Parents);
    }

    [Fact]
    public void A_process_whose_fork_failed_cannot_be_used()
    {
        MmScript script = ScriptParser.Parse("p0 fork p1\np0 fork p2\np1 read 1", "script.mm");
        var output = new StringWriter();
        var mistake = Assert.Throws<ScriptException>(
            () => ScriptRunner.Run(script, new Refusing((ScriptVerb.Fork, Errno.ENOMEM)), output));
        Assert.Equal("script.mm:3:1: 'p1' does not exist: its fork on line 1 failed with ENOMEM", mistake.Message);
        Assert.Equal("line 1: ENOMEM\nline 2: ENOMEM\n", output.ToString());
    }

    /// <summary>Does nothing, and refuses some operations.</summary>
    private sealed class Refusing(params (ScriptVerb Verb, Errno Error)[] refused) : IScriptMachine
    {
        public void Dispose()
        {
        }

        public List<ScriptOperation> Executed { get; } = [];

        public Errno Execute(ScriptOperation operation)
        {
            Executed.Add(operation);
            return refused.FirstOrDefault(refusal => refusal.Verb == operation.Verb).Error;
        }

        public MmDump Dump() => new([new DumpedProcess("p0", [])], [], [], []);
    }
}
