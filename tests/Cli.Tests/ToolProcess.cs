using System.Diagnostics;

namespace RcuModel.Cli.Tests;

/// <summary>The tool as users run it: a process of its own.</summary>
internal static class ToolProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static (int Code, string Out, string Error) Run(params string[] args)
    {
        using Process process = Start(args);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        return (End(process), output, error.Result);
    }

    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "rcumodel.dll"));
        foreach (string arg in args)
            start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }

    /// <summary>Waits for the process to end, and ends it if it does not.</summary>
    public static int End(Process process)
    {
        if (!process.WaitForExit(s_patience))
        {
            process.Kill();
            throw new TimeoutException("The tool did not end.");
        }

        return process.ExitCode;
    }
}
