using RcuModel.Mm;

namespace RcuModel.Scripts.Tests;

/// <summary>What is compared, and how it ends, with machines that do little.</summary>
public sealed class ComparisonTests
{
    private static readonly MmScript s_script = ScriptParser.Parse("p0 mmap 0 4\np0 fork p1\np1 munmap 0 9\ndump\n");

    [Fact]
    public void The_same_lines_are_no_difference()
    {
        var comparison = new Comparison(static _ => "line 3: EINVAL\nmm p0\n", static () => new Machine(Errno.EINVAL));
        Assert.Null(comparison.Compare(s_script));
    }

    [Fact]
    public void A_kernel_that_fails_for_reasons_of_its_own_is_asked_again()
    {
        int asked = 0;
        Comparison Of(int retries) => new(_ => ++asked < 3 ? "" : "line 3: EINVAL\nmm p0\n", static () => new Machine(Errno.EINVAL)) { Retries = retries };
        Comparison twice = Of(2);
        Assert.Null(twice.Compare(s_script));
        Assert.Equal((3, 1), (asked, twice.AskedAgain));
        asked = 0;
        Comparison once = Of(1);
        Assert.NotNull(once.Compare(s_script));
        Assert.Equal((2, 0), (asked, once.AskedAgain));
    }

    [Fact]
    public void The_first_line_that_differs_is_found()
    {
        var comparison = new Comparison(static _ => "line 3: EINVAL\nmm p0\nmm p1\n", static () => new Machine(Errno.EINVAL));
        Assert.Equal(2, comparison.Compare(s_script)!.FirstLine);
        comparison = new Comparison(static _ => "line 3: EINVAL\nmm p0\n", static () => new Machine(Errno.ENOMEM));
        Assert.Equal(0, comparison.Compare(s_script)!.FirstLine);
    }

    [Fact]
    public void That_a_machine_fails_is_a_difference_too()
    {
        var comparison = new Comparison(static _ => "", static () => new Machine(null));
        Difference difference = comparison.Compare(s_script)!;
        Assert.Equal(["failed: InvalidOperationException: no such thing"], difference.Machine);
    }

    // Refuses every munmap; without an error to refuse with it fails itself.
    private sealed class Machine(Errno? error) : IScriptMachine
    {
        public void Dispose()
        {
        }

        public Errno Execute(ScriptOperation operation) => operation.Verb != ScriptVerb.Munmap
            ? Errno.None
            : error ?? throw new InvalidOperationException("no such\nthing");

        public MmDump Dump() => new([new DumpedProcess("p0", [])], [], [], []);
    }
}
