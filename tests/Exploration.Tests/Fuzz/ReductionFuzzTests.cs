using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace RcuModel.Exploration.Tests.Fuzz;

/// <summary>
/// Random programs: the reduction runs one execution of each class, no class is missed, and what the threads can see is
/// what they can see in some interleaving.
/// </summary>
/// <remarks>
/// RCUMODEL_FUZZ_SECONDS makes each mix run for so long; RCUMODEL_FUZZ_SEED moves where it begins; RCUMODEL_FUZZ_MIX
/// keeps to one mix.
/// </remarks>
public sealed class ReductionFuzzTests(ITestOutputHelper output)
{
    private const int ProgramsUsually = 250;
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(3);

    public static TheoryData<Mix> Reduced { get; } = [.. Enum.GetValues<Mix>().Where(mix => !IsJudged(mix))];

    public static TheoryData<Mix> Judged { get; } = [.. Enum.GetValues<Mix>().Where(IsJudged)];

    [Theory]
    [MemberData(nameof(Reduced))]
    public void Dpor_runs_each_class_once(Mix mix) => Fuzz(
        mix, 25, static (program, seed) =>
        {
            string? wrong = ProgramCheck.Reduction(program, 4000, seed % 16 == 0 ? 2000 : 0, out bool ran);
            return (wrong, ran);
        });

    [Theory]
    [MemberData(nameof(Reduced))]
    public void With_store_buffers_dpor_runs_each_class_once(Mix mix) => Fuzz(
        mix, 10, static (program, seed) =>
        {
            string? wrong = ProgramCheck.Reduction(program, 6000, seed % 8 == 0 ? 4000 : 0, out bool ran, MemoryModel.Tso);
            return (wrong, ran);
        });

    [Theory]
    [MemberData(nameof(Judged))]
    public void Dpor_and_dfs_agree_on_races_and_lives(Mix mix) => Fuzz(
        mix, 4, static (program, _) =>
        {
            string? wrong = ProgramCheck.Verdicts(program, 5000, out bool ran);
            return (wrong, ran);
        });

    private static bool IsJudged(Mix mix) => mix is Mix.Races or Mix.LockedRaces or Mix.Lives;

    private void Fuzz(Mix mix, int share, Func<RandomProgram, int, (string? Wrong, bool Ran)> check)
    {
        if (Environment.GetEnvironmentVariable("RCUMODEL_FUZZ_MIX") is { Length: > 0 } only && only != mix.ToString())
            return;
        int first = Number("RCUMODEL_FUZZ_SEED") ?? 1;
        int? seconds = Number("RCUMODEL_FUZZ_SECONDS");
        var clock = Stopwatch.StartNew();
        int ran = 0;
        int skipped = 0;
        for (int seed = first; ; seed++)
        {
            if (seconds is { } s ? clock.Elapsed.TotalSeconds >= s : seed - first >= ProgramsUsually * share / 25)
                break;
            RandomProgram program = ProgramGenerator.Make(seed, mix);
            TimeSpan before = clock.Elapsed;
            (string? wrong, bool done) = check(program, seed);
            if (clock.Elapsed - before > s_slow)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"slow: seed {seed} took {(clock.Elapsed - before).TotalSeconds:0.0} s\n{program}"));
            }

            ran += done ? 1 : 0;
            skipped += done ? 0 : 1;
            if (wrong is null)
                continue;
            RandomProgram small = ProgramCheck.Shrink(program, candidate => check(candidate, seed).Wrong is not null);
            Assert.Fail($"mix {mix}, seed {seed}: {wrong}\n\nshrunk: {check(small, seed).Wrong}\n\n{small}");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{mix}: {ran} programs, {skipped} too large, {clock.Elapsed.TotalSeconds:0.0} s"));
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : null;
}
