using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using RcuModel.Cli.Reporting;
using RcuModel.Contention;

namespace RcuModel.Cli.Bench;

/// <summary><c>bench claims</c>: what the proposal's slides claim, and what is measured of it.</summary>
internal sealed class BenchClaimsCommand
{
    private static readonly ContentionOptions s_usual = new();

    private readonly Option<TimeSpan?> _duration = Choices.Seconds(
        "--duration", $"How long each round of each design takes. {s_usual.Duration.TotalSeconds} unless given.");

    private readonly Option<long?> _rounds = Choices.Number(
        "--rounds", "N", 1, 1000, $"Rounds; designs take turns in each, and the figures are medians. {s_usual.Rounds} unless given.");

    private readonly Option<bool> _json = Choices.Json();

    private readonly BenchOptions _common = new();

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new BenchClaimsCommand();
        var verb = new Command("claims", "Measures what the proposal's slides claim, of today's design and of each alternative.");
        foreach (Option option in new Option[] { options._duration, options._rounds, options._json }.Concat(options._common.All))
            verb.Options.Add(option);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        IReadOnlyList<ContentionDesign> designs = [.. _common.DesignsOf(line).Prepend(ContentionDesign.AnonVma).Distinct()];
        ContentionOptions options = _common.Of(line, surroundings) with
        {
            Duration = line.GetValue(_duration) ?? s_usual.Duration,
            Rounds = (int)(line.GetValue(_rounds) ?? s_usual.Rounds),
        };
        surroundings.Error.WriteLine("locks");
        (IReadOnlyList<string> names, IReadOnlyList<Claim> claims) =
            ClaimBench.Run(designs, CountLocks(designs, options), options, surroundings.Error.WriteLine);
        if (claims.Count == 0)
            return ExitCodes.Budget;
        if (line.GetValue(_json))
            Json.Write(surroundings.Out, JsonClaims.Of(names, claims));
        else
            ClaimTable.Write(names, claims, surroundings.Out);
        return ExitCodes.Holds;
    }

    // In a process of its own: to measure locks slows all else down, and the switch is read once in a process.
    private static IReadOnlyList<OperationCost> CountLocks(IReadOnlyList<ContentionDesign> designs, ContentionOptions options)
    {
        string self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { UseShellExecute = false, RedirectStandardOutput = true };

        // Started by the runtime's own program, which wants to know which assembly it is to run.
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{Tool.Name}.dll"));
        foreach (string argument in (string[])
        [
            "bench", "costs", "--json", "--design", string.Join(',', designs), "--width", Text(options.Width), "--depth", Text(options.Depth),
            "--vmas", Text(options.Vmas), "--pages", Text(options.Pages), "--remaps", Text(options.Remaps), "--exclusive", Text(options.Exclusive),
            "--large", Text(options.Large),
        ])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string document = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == ExitCodes.Holds
            ? JsonSerializer.Deserialize<OperationCost[]>(document, JsonSerializerOptions.Web)!
            : throw new UsageException("the process that counts locks has failed; \"bench costs\" shows why");
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
