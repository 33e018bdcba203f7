using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace RcuModel.Cli.Tests;

/// <summary><c>torture</c> as a shell sees it: a process whose gate is shut, its output and its exit codes.</summary>
public sealed class TortureTests
{
    [Fact]
    public void What_is_sound_exits_with_0_and_prints_what_rcutorture_prints()
    {
        (int code, string output, string error) = ToolProcess.Run(
            "torture", "rcu", "--duration", "0.5", "--stutter", "0", "--gp-cond", "--gp-poll", "--nreaders", "3");
        Assert.Equal("", error);
        Assert.Equal(0, code);
        string[] lines = output.TrimEnd().Split(Environment.NewLine);
        string parameters = "nreaders=3 nfakewriters=4 irqreader=1 fwd_progress=1 n_barrier_cbs=4 read_exit_delay=1 "
            + "read_exit_burst=16 leakpointer=0 gp_async=0 gp_sync=0 gp_exp=0 gp_cond=1 gp_poll=1 stat_interval=5 stutter=0 "
            + "shuffle_interval=3 duration=0.5 seed=1";
        Assert.Collection(
            lines,
            line => Assert.Equal($"rcu-memb-torture:--- Start of test: {parameters}", line),
            static line => Assert.Matches(
                "^rcu-memb-torture: rtc: [0-9a-f]{16} ver: [0-9]+ tfle: [01] rta: [0-9]+ rtaf: [0-9]+ rtf: [0-9]+ rtmbe: 0 "
                + "rtmbkf: 0/[0-9]+ rtbe: 0 nt: [0-9]+ barrier: [0-9]+/[0-9]+:0 read-exits: [0-9]+ gps: [0-9]+ "
                + "cbs: ([0-9]+)/\\1:0 floods: [0-9]+:[0-9]+$",
                line),
            static line => Assert.Matches("^rcu-memb-torture: Reader Pipe:  [0-9]+ [0-9]+( 0){9}$", line),
            static line => Assert.Matches("^rcu-memb-torture: Reader Batch:  [0-9]+ [0-9]+( 0){9}$", line),
            static line => Assert.Matches("^rcu-memb-torture: Free-Block Circulation: ( [0-9]+){10} 0$", line),
            line => Assert.Equal($"rcu-memb-torture:--- End of test: SUCCESS: {parameters}", line));
    }

    [Fact]
    public void What_is_broken_exits_with_1_and_the_document_says_why()
    {
        (int code, string output, string error) = ToolProcess.Run(
            "torture", "rcu", "--torture-type", "busted", "--duration", "60", "--json");
        Assert.Equal("", error);
        Assert.Equal(1, code);
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement root = document.RootElement;
        Assert.Equal("busted", root.GetProperty("tortureType").GetString());
        Assert.Equal("failure", root.GetProperty("outcome").GetString());
        Assert.Equal(1, root.GetProperty("exitCode").GetInt32());
        Assert.NotEqual(0, root.GetProperty("errors").GetArrayLength());
        Assert.Equal("60", root.GetProperty("parameters").GetProperty("duration").GetString());
        Assert.Equal(JsonValueKind.Number, root.GetProperty("counters").GetProperty("rtmbe").ValueKind);
        Assert.Equal("Reader Pipe", root.GetProperty("histograms")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Locks_print_what_locktorture_prints()
    {
        (int code, string output, string error) = ToolProcess.Run(
            "torture", "locks", "--torture-type", "rwsem_lock", "--duration", "0.3", "--stutter", "0", "--nwriters-stress", "2",
            "--nreaders-stress", "3", "--long-hold", "1", "--nested-locks", "2", "--acq-writer-lim", "60000");
        Assert.Equal("", error);
        Assert.Equal(0, code);
        string parameters = "nwriters_stress=2 nreaders_stress=3 long_hold=1 nested_locks=2 acq_writer_lim=60000 stat_interval=5 "
            + "stutter=0 shuffle_interval=3 duration=0.3 seed=1";
        Assert.Collection(
            output.TrimEnd().Split(Environment.NewLine),
            line => Assert.Equal($"rwsem_lock-torture:--- Start of test: {parameters}", line),
            static line => Assert.Matches(
                "^rwsem_lock-torture: Writes:  Total: [0-9]+  Max/Min: [0-9]+/[0-9]+ (\\?\\?\\?)?  Fail: 0$", line),
            static line => Assert.Matches(
                "^rwsem_lock-torture: Reads :  Total: [0-9]+  Max/Min: [0-9]+/[0-9]+ (\\?\\?\\?)?  Fail: 0$", line),
            static line => Assert.Matches(
                "^rwsem_lock-torture: Others:  Tries: [0-9]+  Refused: [0-9]+  Downgrades: [0-9]+  Late: 0$", line),
            line => Assert.Equal($"rwsem_lock-torture:--- End of test: SUCCESS: {parameters}", line));
    }

    [Fact]
    public void Locks_are_looked_after_and_measured_in_the_columns_of_lock_stat()
    {
        (int code, string output, string error) = ToolProcess.Run(
            "torture", "locks", "--torture-type", "rwsem_lock", "--duration", "0.5", "--stutter", "0", "--nwriters-stress", "2",
            "--nreaders-stress", "2", "--long-hold", "0", "--lockdep", "--lock-stat");
        Assert.Equal("", error);
        Assert.Equal(0, code);
        string[] lines = output.Split(Environment.NewLine);
        Assert.Contains("lock_stat version 0.4", lines);
        string heads = Assert.Single(lines, static line => line.Contains("class name", StringComparison.Ordinal));
        string writers = Assert.Single(lines, static line => line.TrimStart().StartsWith("rwsem_lock-W:", StringComparison.Ordinal));
        string readers = Assert.Single(lines, static line => line.TrimStart().StartsWith("rwsem_lock-R:", StringComparison.Ordinal));
        Assert.All(new[] { writers, readers }, line =>
        {
            Assert.Equal(heads.Length, line.Length);
            string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(13, columns.Length);
            Assert.True(long.Parse(columns[8], CultureInfo.InvariantCulture) > 0, line);
        });
    }

    [Theory]
    [InlineData("locks", "lock_busted", "--long-hold", "0")]
    [InlineData("range", "range_busted", "--nindices", "8")]
    public void Locks_and_ranges_that_are_broken_exit_with_1_and_the_document_says_why(
        string verb, string type, string option, string value)
    {
        (int code, string output, string error) = ToolProcess.Run(
            "torture", verb, "--torture-type", type, option, value, "--duration", "60", "--json");
        Assert.Equal("", error);
        Assert.Equal(1, code);
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement root = document.RootElement;
        Assert.Equal(type, root.GetProperty("tortureType").GetString());
        Assert.Equal("failure", root.GetProperty("outcome").GetString());
        Assert.NotEqual(0, root.GetProperty("errors").GetArrayLength());
        Assert.Equal(value, root.GetProperty("parameters").GetProperty(option[2..].Replace('-', '_')).GetString());
        JsonElement counters = root.GetProperty("counters");
        Assert.NotEqual(0, counters.GetProperty("writesFail").GetInt64() + counters.GetProperty("readsFail").GetInt64());
    }

    [Fact]
    public void An_interrupt_ends_it_with_3_and_what_is_known_so_far()
    {
        if (OperatingSystem.IsWindows())
            return;
        using Process process = ToolProcess.Start("torture", "rcu", "--duration", "600");
        Task<string> error = process.StandardError.ReadToEndAsync();
        Assert.Contains("Start of test", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
        Assert.Equal(0, Interrupt(process));
        string output = process.StandardOutput.ReadToEnd();
        Assert.Equal(3, ToolProcess.End(process));
        Assert.Contains("Reader Pipe:", output, StringComparison.Ordinal);
        Assert.Contains("End of test: INTERRUPTED: ", output, StringComparison.Ordinal);
        Assert.Equal("", error.Result);
    }

    private static int Interrupt(Process process)
    {
        using Process shell = Process.Start("sh", ["-c", $"kill -INT {process.Id}"]);
        return ToolProcess.End(shell);
    }
}
