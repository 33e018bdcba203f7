using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace RcuModel.Bench;

/// <summary>
/// The program in liburcu/, compiled once for each flavour with the C compiler of the machine. It is not there if liburcu
/// (Debian: liburcu-dev) or a compiler is not.
/// </summary>
internal sealed class Liburcu : IDisposable
{
    private const int PatienceMilliseconds = 120_000;

    private static readonly string[] s_flavours = ["memb", "mb", "qsbr"];

    private readonly DirectoryInfo _folder;

    private Liburcu(DirectoryInfo folder) => _folder = folder;

    /// <summary>Compiles, or says why not and gives null.</summary>
    public static Liburcu? Compile()
    {
        string source = Path.Combine(AppContext.BaseDirectory, "liburcu", "measure.c");
        var liburcu = new Liburcu(Directory.CreateTempSubdirectory("rcumodel-liburcu-"));
        foreach (string flavour in s_flavours)
        {
            string? problem = TryRun(
                "cc",
                ["-O2", $"-DFLAVOUR_{flavour.ToUpperInvariant()}", source, "-o", liburcu.PathOf(flavour), $"-lurcu-{flavour}", "-lurcu-common", "-lpthread"],
                out _);
            if (problem is null)
                continue;
            Console.Error.WriteLine($"liburcu is not measured: {problem.Split('\n')[0]}");
            liburcu.Dispose();
            return null;
        }

        return liburcu;
    }

    /// <summary>Runs the program of a flavour and keeps its figures.</summary>
    public void Measure(string flavour, int calls, RcuHarness.Figures figures)
    {
        if (TryRun(PathOf(flavour), [calls.ToString(CultureInfo.InvariantCulture)], out string output) is { } problem)
            throw new InvalidOperationException($"The program that measures liburcu failed: {problem}");
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(' ');
            figures.Add(
                $"{flavour} {parts[0]}",
                double.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string flavour) => Path.Combine(_folder.FullName, flavour);

    // Gives what is wrong, or null.
    private static string? TryRun(string program, string[] arguments, out string output)
    {
        output = "";
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> lines = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(PatienceMilliseconds))
            {
                process.Kill();
                return $"{program} does not end";
            }

            output = lines.Result;
            return process.ExitCode == 0 ? null : errors.Result.Length > 0 ? errors.Result : $"{program} gave {process.ExitCode}";
        }
        catch (Win32Exception)
        {
            return $"there is no program '{program}'";
        }
    }
}
