using System.CommandLine;
using RcuModel.Torture.Rcu;

namespace RcuModel.Cli.Torture;

/// <summary><c>torture rcu</c>, with the options of rcutorture under its names for them.</summary>
internal sealed class TortureRcuVerb
{
    private static readonly RcuTortureOptions s_usual = new();

    private readonly TortureTypeOption<RcuTortureType> _type = new(RcuTortureTypes.All, RcuTortureTypes.Usual);

    private readonly Option<long?> _nReaders = Choices.Number(
        "--nreaders", "N", 1, 1000, "Readers. One less than CPUs, and at least two, unless given.");

    private readonly Option<long?> _nFakeWriters = Choices.Number(
        "--nfakewriters", "N", 0, 1000, "Threads that wait for grace periods and change nothing. 4 unless given.");

    private readonly Option<bool> _gpAsync = Way("--gp-async", "call_rcu", "--gp-normal");

    private readonly Option<bool> _gpSync = Way("--gp-sync", "synchronize_rcu");

    private readonly Option<bool> _gpExp = Way("--gp-exp", "synchronize_rcu_expedited, which is the same here");

    private readonly Option<bool> _gpCond = Way("--gp-cond", "cond_synchronize_rcu");

    private readonly Option<bool> _gpPoll = Way("--gp-poll", "poll_state_synchronize_rcu");

    private readonly Option<long?> _fwdProgress = Choices.Number(
        "--fwd-progress", "N", 0, 1000, "Threads that post callbacks as fast as they can now and then. 1 unless given.");

    private readonly Option<long?> _nBarrierCbs = Choices.Number(
        "--n-barrier-cbs", "N", 0, 1000, "Threads that post the callbacks a barrier must wait for; 0 for no barrier. 4 unless given.");

    private readonly Option<TimeSpan?> _readExitDelay = Choices.Seconds(
        "--read-exit-delay", "Time between two bursts of threads that read and end. 1 unless given.");

    private readonly Option<long?> _readExitBurst = Choices.Number(
        "--read-exit-burst", "N", 0, 100_000, "Threads of a burst, one after the other; half end while registered. 16 unless given.");

    private readonly Option<long?> _irqReader = Choices.Number(
        "--irqreader", "0|1", 0, 1, "Whether timers read too. 1 unless given.");

    private readonly Option<bool> _leakPointer = new("--leakpointer")
    {
        Description = "Readers keep the pointer beyond their section: a mistake, to be caught.",
    };

    private readonly TortureCommonOptions _common = new();

    public static Command Create(Surroundings surroundings)
    {
        var options = new TortureRcuVerb();
        var verb = new Command("rcu", "Tortures RCU in the manner of rcutorture.");
        foreach (Option option in new Option[]
        {
            options._type.Option, options._nReaders, options._nFakeWriters, options._gpAsync, options._gpSync, options._gpExp,
            options._gpCond, options._gpPoll, options._fwdProgress, options._nBarrierCbs, options._readExitDelay,
            options._readExitBurst, options._irqReader, options._leakPointer,
        }.Concat(options._common.All))
        {
            verb.Options.Add(option);
        }

        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        GracePeriodWays ways = (line.GetValue(_gpAsync) ? GracePeriodWays.Async : 0)
            | (line.GetValue(_gpSync) ? GracePeriodWays.Sync : 0)
            | (line.GetValue(_gpExp) ? GracePeriodWays.Expedited : 0)
            | (line.GetValue(_gpCond) ? GracePeriodWays.Cond : 0)
            | (line.GetValue(_gpPoll) ? GracePeriodWays.Poll : 0);
        var test = new RcuTorture(
            _type.Of(line),
            new RcuTortureOptions
            {
                NReaders = (int?)line.GetValue(_nReaders),
                NFakeWriters = (int)(line.GetValue(_nFakeWriters) ?? s_usual.NFakeWriters),
                Ways = ways,
                FwdProgress = (int)(line.GetValue(_fwdProgress) ?? s_usual.FwdProgress),
                NBarrierCbs = (int)(line.GetValue(_nBarrierCbs) ?? s_usual.NBarrierCbs),
                ReadExitDelay = line.GetValue(_readExitDelay) ?? s_usual.ReadExitDelay,
                ReadExitBurst = (int)(line.GetValue(_readExitBurst) ?? s_usual.ReadExitBurst),
                IrqReader = line.GetValue(_irqReader) is not 0,
                LeakPointer = line.GetValue(_leakPointer),
            },
            _common.Seed(line));
        return _common.Run(line, test, surroundings);
    }

    private static Option<bool> Way(string name, string function, params string[] aliases) => new(name, aliases)
    {
        Description = $"Updaters wait with {function}. Without any such option, in all ways by turns.",
    };
}
