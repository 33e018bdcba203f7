using System.Diagnostics;
using System.Text.Json;

namespace RcuModel.Cli.Tests;

/// <summary>Exit codes and streams, as a shell sees them.</summary>
public sealed class ProcessTests
{
    [Fact]
    public void What_holds_exits_with_0()
    {
        (int code, string output, string error) = ToolProcess.Run("check", "ticket-2", "racy-counter", "ticket-2/*");
        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.Contains("verified", output);
        Assert.Contains("everything holds: 2 scenarios and 6 seeded faults", output);
    }

    [Fact]
    public void What_is_violated_exits_with_1_and_prints_the_counterexample()
    {
        // Nothing in the catalogue is violated. But with so few steps even two additions do not end.
        (int code, string output, _) = ToolProcess.Run("check", "ainc(3)", "--steps", "1");
        Assert.Equal(1, code);
        Assert.Contains("FAIL", output);
        Assert.Contains("kind: Livelock", output);
        Assert.Contains("not as claimed: ainc(3)", output);
    }

    [Fact]
    public void A_mistake_in_the_command_line_is_one_line_and_exits_with_2()
    {
        (int code, string output, string error) = ToolProcess.Run("check", "tiket-2");
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Equal(
            "rcumodel: no scenario or group is called \"tiket-2\"; did you mean ticket-2, ticket-3?", error.TrimEnd());
    }

    [Fact]
    public void A_budget_that_ends_it_exits_with_3_and_names_the_budget()
    {
        (int code, string output, _) = ToolProcess.Run("check", "lockers(3,2)", "--executions", "5");
        Assert.Equal(3, code);
        Assert.Contains("no violation within the budget (5 executions, ended by the limit of 5 executions)", output);
        Assert.DoesNotContain("verified", output);
    }

    [Fact]
    public void The_document_is_alone_on_the_output()
    {
        (int code, string output, string error) = ToolProcess.Run("check", "mcs-2", "--json");
        Assert.Equal(0, code);
        Assert.Empty(error);
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.Equal("holds", document.RootElement.GetProperty("outcome").GetString());
    }

    [Fact]
    public void An_interrupt_ends_it_with_what_is_known_so_far()
    {
        if (OperatingSystem.IsWindows())
            return;
        using Process process = ToolProcess.Start("check", "lockers(3,5)");
        Task<string> error = process.StandardError.ReadToEndAsync();

        // The heading is there when the exploration begins.
        Assert.Equal("counts", process.StandardOutput.ReadLine());
        Assert.Equal(0, Interrupt(process));
        string output = process.StandardOutput.ReadToEnd();
        Assert.Equal(3, ToolProcess.End(process));
        Assert.Contains("ended by a request to stop", output);
        Assert.Empty(error.Result);
    }

    private static int Interrupt(Process process)
    {
        using Process shell = Process.Start("sh", ["-c", $"kill -INT {process.Id}"]);
        return ToolProcess.End(shell);
    }
}
