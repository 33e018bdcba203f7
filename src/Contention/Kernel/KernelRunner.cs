using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace RcuModel.Contention;

/// <summary>
/// The Linux kernel of this machine under the workloads: real processes do them, and the tracepoints lock:contention_begin and
/// lock:contention_end say where they waited. Asked through the runner that tools/contention/setup builds.
/// </summary>
public sealed class KernelRunner
{
    /// <summary>The environment variable that names the directory which the runner was built in.</summary>
    public const string DirectoryVariable = "RCUMODEL_CONTENTION";

    private const string RunnerName = "rcumodel-contention";

    // What the runner says that it is, if it speaks as is expected here.
    private const string Version = "rcumodel-contention 1";

    private readonly string _runner;

    private KernelRunner(string runner) => _runner = runner;

    /// <summary>The workloads that real processes can do.</summary>
    public static IReadOnlyList<Workload> Workloads { get; } = [new ForkStorm(), new ExitStorm(), new VmaChurn(), new ReclaimUnderPressure()];

    /// <summary>Finds the runner and sees whether it can run.</summary>
    /// <param name="path">The runner or its directory; null for the usual place.</param>
    /// <param name="whyNot">Why the kernel cannot be asked, in one line; null if it can.</param>
    /// <returns>The runner; null if the kernel cannot be asked.</returns>
    public static KernelRunner? Open(string? path, out string? whyNot)
    {
        string runner = RunnerAt(path);
        whyNot = !OperatingSystem.IsLinux() ? "no kernel to ask: this is not Linux"
            : !Environment.IsPrivilegedProcess ? "the kernel cannot be asked: not root"
            : !File.Exists(runner) ? $"the kernel cannot be asked: there is no {runner}, which tools/contention/setup builds (docs/contention.md)"
            : null;
        if (whyNot is not null)
            return null;
        (int code, string output, string complaint) = Run(runner, ["--check"]);
        whyNot = code != 0 ? FirstLine(complaint.Length > 0 ? complaint : $"{runner} ended with exit code {code}")
            : FirstLine(output) != Version ? $"{runner} is of another version than this: run tools/contention/setup again"
            : null;
        return whyNot is null ? new KernelRunner(runner) : null;
    }

    /// <summary>Has a workload done.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="options">How large it is; for as long as all rounds together.</param>
    /// <param name="whyNot">Why it could not be done, in one line; null if it was.</param>
    public KernelFigures? Measure(Workload workload, ContentionOptions options, out string? whyNot)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(options);
        (int code, string output, string complaint) = Run(_runner,
        [
            workload.Name, Text(options.Threads), Text(options.Width), Text(options.Depth), Text(options.Vmas), Text(options.Pages),
            Text(options.Remaps), Text(options.Exclusive), (options.Duration.TotalSeconds * options.Rounds).ToString("R", CultureInfo.InvariantCulture),
        ]);
        whyNot = code == 0 ? null : FirstLine(complaint.Length > 0 ? complaint : $"{_runner} ended with exit code {code}");
        return whyNot is null ? JsonSerializer.Deserialize<KernelFigures>(output, JsonSerializerOptions.Web) : null;
    }

    private static string RunnerAt(string? path)
    {
        if (path is not null)
            return Directory.Exists(path) ? Path.Combine(path, RunnerName) : path;
        if (Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } directory)
            return Path.Combine(directory, RunnerName);
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "rcumodel", "contention", RunnerName);
    }

    private static (int Code, string Output, string Complaint) Run(string runner, string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(runner, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> complaint = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, complaint.Result);
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            return (-1, "", $"{runner} cannot be started: {problem.Message}");
        }
    }

    private static string FirstLine(string text) => text.Trim().Split('\n')[0].TrimEnd();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
