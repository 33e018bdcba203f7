namespace RcuModel.Cli.Tests;

/// <summary>A user's mistakes: one line each, on the error stream, with what would be right.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("no verb is called \"chek\"; did you mean check?", "chek")]
    [InlineData("no verb is called \"frobnicate\"; \"rcumodel --help\" has them all", "frobnicate")]
    [InlineData("check has no option \"--stategy\"; did you mean --strategy?", "check", "--stategy", "dfs")]
    [InlineData("replay has no option \"--widht\"; did you mean --width?", "replay", "--widht")]
    [InlineData("replay has no use for \"b.json\"", "replay", "a.json", "b.json")]
    [InlineData("Required argument missing for command: 'replay'", "replay")]
    [InlineData("--width takes a whole number from 40 to 10000, not \"30\"", "check", "--width", "30")]
    [InlineData("list has no option \"--jsn\"; did you mean --json?", "list", "--jsn")]
    [InlineData("no scenario or group is called \"lock\"; did you mean locks", "check", "lock")]
    [InlineData("no scenario or group is called \"xyzzyxyzzy\"; \"rcumodel list\" names them all", "list", "xyzzyxyzzy")]
    [InlineData("no scenario matches \"zz*\"; \"rcumodel list\" names them all", "check", "ticket-2", "zz*")]
    [InlineData("no seeded fault matches \"zz*/*\"; \"rcumodel list\" names them all", "check", "zz*/*")]
    [InlineData("ticket-2 has no seeded fault called \"torn tiket\"; did you mean torn ticket?", "check", "ticket-2/torn tiket")]
    [InlineData("--executions takes a whole number from 1, not \"many\"", "check", "--executions", "many")]
    [InlineData("--executions takes a whole number from 1, not \"0\"", "check", "--executions", "0")]
    [InlineData("--time takes a number of seconds above 0, not \"-1\"", "check", "--time=-1")]
    [InlineData("--seed takes a whole number from 0, not \"1.5\"", "check", "--seed", "1.5")]
    [InlineData("--strategy takes dpor, dfs, random or pct, not \"bfs\"", "check", "--strategy", "bfs")]
    [InlineData("--steps takes a whole number from 1 to 30000, not \"40000\"", "check", "--steps", "40000")]
    [InlineData("--preemptions needs --strategy dfs: such a bound would cut the reduction unsoundly", "check", "--preemptions", "2")]
    [InlineData("--depth needs --strategy pct", "check", "sb", "--depth", "2")]
    [InlineData("--seed needs --strategy random or pct: the others leave nothing to chance", "check", "sb", "--seed", "2")]
    [InlineData("no torture type is called \"rcu-mem\"; did you mean rcu-memb, rcu-mb?", "torture", "rcu", "--torture-type", "rcu-mem")]
    [InlineData("no torture type is called \"tree\"; there are rcu-memb, rcu-mb, rcu-qsbr,", "torture", "rcu", "--torture-type", "tree")]
    [InlineData("torture knows nothing called \"rcuu\"; did you mean rcu?", "torture", "rcuu")]
    [InlineData("rcu has no option \"--nreader\"; did you mean --nreaders", "torture", "rcu", "--nreader", "2")]
    [InlineData("--nreaders takes a whole number from 1 to 1000, not \"none\"", "torture", "rcu", "--nreaders", "none")]
    [InlineData("--duration takes a number of seconds above 0, not \"0\"", "torture", "rcu", "--duration", "0")]
    [InlineData("--stutter takes a number of seconds, or 0, not \"-1\"", "torture", "rcu", "--stutter=-1")]
    [InlineData("--irqreader takes a whole number from 0 to 1, not \"2\"", "torture", "rcu", "--irqreader", "2")]
    [InlineData("no torture type is called \"spin_lok\"; did you mean spin_lock?", "torture", "locks", "--torture-type", "spin_lok")]
    [InlineData("--nreaders-stress: spin_lock has no read lock, so it can have no readers", "torture", "locks", "--nreaders-stress", "1")]
    [InlineData("--nwriters-stress 0 leaves nobody", "torture", "locks", "--nwriters-stress", "0")]
    [InlineData("--nested-locks takes a whole number from 0 to 8, not \"9\"", "torture", "locks", "--nested-locks", "9")]
    [InlineData("locks has no option \"--long-holds\"; did you mean --long-hold", "torture", "locks", "--long-holds", "1")]
    [InlineData("no torture type is called \"tree\"; there are range_spec, range_tree, range_list,", "torture", "range", "--torture-type", "tree")]
    [InlineData("--nwriters-stress 0 leaves nobody", "torture", "range", "--nwriters-stress", "0", "--nreaders-stress", "0")]
    [InlineData("--nindices takes a whole number from 1 to 1000000, not \"0\"", "torture", "range", "--nindices", "0")]
    [InlineData("Required command was not provided", "torture")]
    public void Is_one_line(string line, params string[] args)
    {
        InProcess run = InProcess.Run(args);
        Assert.Equal(2, run.Code);
        Assert.Empty(run.Out);
        string error = Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.StartsWith($"rcumodel: {line}", error);
    }

    [Fact]
    public void A_missing_value_is_one_line()
    {
        InProcess run = InProcess.Run("check", "--time");
        Assert.Equal(2, run.Code);
        Assert.Empty(run.Out);
        Assert.Contains("--time", Assert.Single(run.Error.TrimEnd().Split('\n')));
    }

    [Fact]
    public void No_verb_at_all_gets_the_help_and_2()
    {
        InProcess run = InProcess.Run();
        Assert.Equal(2, run.Code);
        Assert.Empty(run.Out);
        Assert.Contains("Examples:", run.Error);
    }

    [Theory]
    [InlineData]
    [InlineData("check")]
    [InlineData("list")]
    [InlineData("replay")]
    public void Help_has_examples_and_exit_codes_and_where_to_read_on(params string[] verb)
    {
        InProcess run = InProcess.Run([.. verb, "--help"]);
        Assert.Equal(0, run.Code);
        Assert.Empty(run.Error);
        Assert.Contains("Examples:", run.Out);
        Assert.Contains("Exit codes:", run.Out);
        Assert.Contains("docs/explorer.md", run.Out);
    }

    [Fact]
    public void A_mistake_of_the_tool_is_one_line_too_and_70()
    {
        var error = new StringWriter();
        int code = Tool.Guard(error, debug: false, static () => throw new NotSupportedException("first\nsecond"));
        Assert.Equal(70, code);
        Assert.Equal(
            "rcumodel: first second (a mistake of the tool; --debug shows the stack)", error.ToString().TrimEnd());
    }

    [Fact]
    public void Debug_shows_the_stack()
    {
        var error = new StringWriter();
        int code = Tool.Guard(error, debug: true, static () => throw new NotSupportedException("first"));
        Assert.Equal(70, code);
        Assert.Contains("   at ", error.ToString());
    }

    [Theory]
    [InlineData(true, "check")]
    [InlineData(true, "--debug", "check", "sb")]
    [InlineData(true, "replay", "x.json")]
    [InlineData(false, "bench")]
    [InlineData(false, "list")]
    [InlineData(false, "torture", "rcu")]
    [InlineData(false)]
    public void The_gate_is_open_for_exploring_verbs_only(bool open, params string[] args) =>
        Assert.Equal(open, Tool.Explores(args));
}
