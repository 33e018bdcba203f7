using System.Diagnostics;
using System.Text;

namespace RcuModel.Scripts;

/// <summary>
/// The Linux kernel of this machine, which runs scripts with real system calls and says what became of its structures. It is
/// asked through the runner that tools/oracle/setup builds; one process of it serves many scripts. For one caller at a time.
/// </summary>
public sealed class KernelOracle : IDisposable
{
    /// <summary>The environment variable that names the directory which the runner was built in.</summary>
    public const string DirectoryVariable = "RCUMODEL_ORACLE";

    private const string RunnerName = "rcumodel-oracle";
    private const string Separator = "---";

    // What the runner says that it is, if it speaks as is expected here.
    private const string Version = "rcumodel-oracle 5";

    // A script takes milliseconds. This is for a kernel that hangs.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // One runner is at work at a time, so this one may have to wait for another, which may have thousands of scripts to run.
    private static readonly TimeSpan s_patienceWithOthers = TimeSpan.FromMinutes(10);

    private readonly string _runner;
    private Process? _process;
    private StringBuilder _complaint = new();

    private KernelOracle(string runner) => _runner = runner;

    /// <summary>Finds the runner and sees whether it can run.</summary>
    /// <param name="path">The runner or its directory; null for the usual place.</param>
    /// <exception cref="OracleException">It cannot, and why.</exception>
    public static KernelOracle Open(string? path = null)
    {
        if (WhyNot(path) is { } reason)
            throw new OracleException(reason);
        return new KernelOracle(RunnerAt(path));
    }

    /// <summary>Why the kernel of this machine cannot be asked, in one line; null if it can.</summary>
    /// <param name="path">The runner or its directory; null for the usual place.</param>
    public static string? WhyNot(string? path = null)
    {
        if (!OperatingSystem.IsLinux())
            return "no kernel to ask: this is not Linux";
        if (!Environment.IsPrivilegedProcess)
            return "the kernel cannot be asked: not root";
        string runner = RunnerAt(path);
        if (!File.Exists(runner))
            return $"the kernel cannot be asked: there is no {runner}, which tools/oracle/setup builds (docs/kernel-oracle.md)";

        try
        {
            using Process check = Start(runner, "--check");
            check.StandardInput.Close();
            string version = FirstLine(check.StandardOutput.ReadToEnd());
            string complaint = FirstLine(check.StandardError.ReadToEnd());
            check.WaitForExit();
            if (check.ExitCode != 0)
                return complaint.Length > 0 ? complaint : $"{runner} ended with exit code {check.ExitCode}";
            return version == Version ? null : $"{runner} is of another version than this: run tools/oracle/setup again";
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            return $"{runner} cannot be started: {problem.Message}";
        }
    }

    /// <summary>Runs a script. What is printed is what <see cref="ScriptRunner"/> prints for a machine.</summary>
    /// <exception cref="OracleException">The runner did not answer, or refused the script.</exception>
    public string Run(MmScript script)
    {
        if (_process is null)
        {
            _process = StartBatch();
            Answer(_process, s_patienceWithOthers);
        }

        Process process = _process;
        try
        {
            process.StandardInput.Write(script.ToString());
            process.StandardInput.Write($"{Separator}\n");
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            throw Failed(process);
        }

        return Answer(process, s_patience);
    }

    /// <summary>Ends the runner.</summary>
    public void Dispose()
    {
        if (_process is not { } process)
            return;
        _process = null;

        // At the end of its input it ends by itself, and puts back what it has changed.
        process.StandardInput.Close();
        if (!process.WaitForExit(s_patience))
            process.Kill();
        process.Dispose();
    }

    private static string FirstLine(string text) => text.Trim().Split('\n')[0].TrimEnd();

    private static string RunnerAt(string? path)
    {
        if (path is not null)
            return Directory.Exists(path) ? Path.Combine(path, RunnerName) : path;
        if (Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } directory)
            return Path.Combine(directory, RunnerName);
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "rcumodel", "oracle", RunnerName);
    }

    private static Process Start(string runner, string argument) => Process.Start(new ProcessStartInfo(runner, [argument])
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private Process StartBatch()
    {
        // Its own, for what an earlier process said may still be on its way.
        StringBuilder complaint = _complaint = new StringBuilder();
        Process process = Start(_runner, "--batch");
        process.ErrorDataReceived += (_, received) =>
        {
            lock (complaint)
                complaint.AppendLine(received.Data);
        };
        process.BeginErrorReadLine();
        return process;
    }

    // What it prints up to the next separator.
    private string Answer(Process process, TimeSpan patience)
    {
        bool isLate = false;
        void End()
        {
            isLate = true;
            try
            {
                process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It answered just now.
            }
        }

        using var alarm = new Timer(_ => End(), null, patience, Timeout.InfiniteTimeSpan);
        var output = new StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line == Separator)
                return output.ToString();
            output.Append(line).Append('\n');
        }

        OracleException failure = Failed(process);
        return isLate
            ? throw new OracleException($"the kernel's runner gave no answer within {patience.TotalSeconds:0} s: another one may be at work")
            : throw failure;
    }

    private OracleException Failed(Process process)
    {
        process.WaitForExit();
        _process = null;
        string said;
        lock (_complaint)
            said = FirstLine(_complaint.ToString());
        int code = process.ExitCode;
        process.Dispose();
        return new OracleException(said.Length > 0 ? said : $"{_runner} ended with exit code {code}");
    }
}
