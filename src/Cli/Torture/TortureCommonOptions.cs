using System.CommandLine;
using RcuModel.Cli.Reporting;
using RcuModel.Primitives;
using RcuModel.Torture;

namespace RcuModel.Cli.Torture;

/// <summary>The options that all torture tests have, and what is done with them.</summary>
internal sealed class TortureCommonOptions
{
    private static readonly TortureOptions s_usual = new();

    private readonly Option<TimeSpan?> _duration = Choices.Seconds("--duration", "How long threads run. 10 unless given.");

    private readonly Option<TimeSpan?> _statInterval = Choices.Seconds(
        "--stat-interval", "Time between two prints of statistics; 0 for one at the end. 5 unless given.", orZero: true);

    private readonly Option<TimeSpan?> _stutter = Choices.Seconds(
        "--stutter", "How long threads run before they pause for as long; 0 for no pauses. 2 unless given.", orZero: true);

    private readonly Option<TimeSpan?> _shuffleInterval = Choices.Seconds(
        "--shuffle-interval", "Time between two changes of the CPU that threads may not run on; 0 for none. 3 unless given.",
        orZero: true);

    private readonly Option<ulong?> _seed = Choices.Seed(
        "--seed", "For what threads do by chance; when they do it is decided by the hardware. 1 unless given.");

    private readonly Option<bool> _keepGoing = new("--keep-going")
    {
        Description = "Go on after the first error until the time is up, as the kernel does.",
    };

    // Program looks at these two before anything else: the switches that they mean are asked for once.
    private readonly Option<bool> _lockdep = new(Tool.LockdepOption)
    {
        Description = "Look after the order of locks, and what is held, as in an exploration.",
    };

    private readonly Option<bool> _lockStat = new(Tool.LockStatOption)
    {
        Description = "Measure how long threads wait for locks and hold them, and print it in the columns of /proc/lock_stat.",
    };

    private readonly Option<bool> _json = Choices.Json();

    public IEnumerable<Option> All =>
        [_duration, _statInterval, _stutter, _shuffleInterval, _seed, _keepGoing, _lockdep, _lockStat, _json];

    public ulong Seed(ParseResult line) => line.GetValue(_seed) ?? s_usual.Seed;

    public int Run(ParseResult line, TortureTest test, Surroundings surroundings)
    {
        bool json = line.GetValue(_json);
        TortureResult result = TortureRunner.Run(
            test,
            new TortureOptions
            {
                Duration = line.GetValue(_duration) ?? s_usual.Duration,
                StatInterval = line.GetValue(_statInterval) ?? s_usual.StatInterval,
                Stutter = line.GetValue(_stutter) ?? s_usual.Stutter,
                ShuffleInterval = line.GetValue(_shuffleInterval) ?? s_usual.ShuffleInterval,
                Seed = Seed(line),
                KeepGoing = line.GetValue(_keepGoing),
                Cancellation = surroundings.Cancellation,
            },
            json ? TextWriter.Null : surroundings.Out);
        int code = result.Outcome switch
        {
            TortureOutcome.Success => ExitCodes.Holds,
            TortureOutcome.Failure => ExitCodes.Violated,
            _ => ExitCodes.Budget,
        };
        if (json)
            Json.Write(surroundings.Out, JsonTorture.Of(result, code));
        else if (line.GetValue(_lockStat))
            LockStat.Write(surroundings.Out);
        return code;
    }
}
