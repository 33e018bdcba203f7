using System.Diagnostics;

namespace RcuModel.Coyote.Tests;

/// <summary>The tool with Coyote as its engine, in a process of its own.</summary>
public sealed class ToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rcumodel-coyote-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [CoyoteFact]
    public void What_it_finds_is_kept_twice_and_runs_again_under_both_engines()
    {
        (int code, string text) = Run("check", "racy-counter", "--engine", "coyote", "--strategy", "pct", "--traces", _folder);
        Assert.True(code == 0, text);
        Assert.Contains("minimal", text, StringComparison.Ordinal);
        string trace = Path.Combine(_folder, "racy-counter.json");
        (code, text) = Run("replay", trace);
        Assert.True(code == 1, text);
        Assert.Contains("reproduced in 6 steps", text, StringComparison.Ordinal);
        (code, text) = Run("replay", trace, "--engine", "coyote");
        Assert.True(code == 1, text);
        Assert.Contains("reproduced under Coyote", text, StringComparison.Ordinal);

        // A trace of another body: Coyote's steps do not fit this one.
        File.Copy(trace, Path.Combine(_folder, "other.json"));
        File.WriteAllText(Path.Combine(_folder, "other.coyote.json"), "nonsense");
        (code, text) = Run("replay", Path.Combine(_folder, "other.json"), "--engine", "coyote");
        Assert.True(code == 2 && text.Trim().Split('\n').Length == 1, text);
    }

    [CoyoteFact]
    public void A_search_that_ends_by_itself_verifies_and_a_sample_stays_open()
    {
        Assert.Equal(0, Run("check", "ticket-2", "ticket-2/torn ticket", "--engine", "coyote", "--strategy", "dfs", "--traces", "none").Code);
        Assert.Equal(3, Run("check", "ticket-2", "--engine", "coyote", "--executions", "20", "--json", "--traces", "none").Code);
    }

    [CoyoteTheory]
    [InlineData("--strategy takes random, pct", "--engine", "coyote", "--strategy", "dpor")]
    [InlineData("--workers is an option of the explorer", "--engine", "coyote", "--workers", "2")]
    [InlineData("--bound needs --strategy", "--engine", "coyote", "--strategy", "random", "--bound", "2")]
    [InlineData("--bound needs --engine coyote", "--bound", "2")]
    [InlineData("--seed needs a strategy", "--engine", "coyote", "--strategy", "dfs", "--seed", "2")]
    public void What_makes_no_sense_is_refused_in_a_line(string line, params string[] options)
    {
        (int code, string text) = Run(["check", "sb", "--traces", "none", .. options]);
        Assert.Equal(2, code);
        Assert.StartsWith($"rcumodel: {line}", text, StringComparison.Ordinal);
        Assert.Single(text.Trim().Split('\n'));
    }

    private (int Code, string Text) Run(params string[] args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "rcumodel.dll"));
        foreach (string arg in args)
            start.ArgumentList.Add(arg);
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
