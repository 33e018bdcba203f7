using System.CommandLine;
using RcuModel.Torture.Locks;

namespace RcuModel.Cli.Torture;

/// <summary><c>torture locks</c>, with the options of locktorture under its names for them.</summary>
internal sealed class TortureLocksVerb
{
    private static readonly LockTortureOptions s_usual = new();

    private readonly TortureTypeOption<LockTortureType> _type = new(LockTortureTypes.All, LockTortureTypes.Usual);

    private readonly Option<long?> _nWritersStress = Choices.Number(
        "--nwriters-stress", "N", 0, 1000, "Writers. Two for each CPU unless given; one if neither they nor the readers of a lock are.");

    private readonly Option<long?> _nReadersStress = Choices.Number(
        "--nreaders-stress", "N", 0, 1000, "Readers, of a lock that can have some. As many as writers unless given.");

    private readonly Option<long?> _longHold = Choices.Number(
        "--long-hold", "MS", 0, 10_000, "Milliseconds for which a lock is held once in a long while; 0 for never. 100 unless given.");

    private readonly Option<long?> _nestedLocks = Choices.Number(
        "--nested-locks", "N", 0, LockTortureOptions.NestedLocksMax,
        "Other locks of the same type, some of which writers take first. 0 unless given.");

    private readonly Option<long?> _acqWriterLim = Choices.Number(
        "--acq-writer-lim", "MS", 0, 1_000_000,
        "Milliseconds for which a writer may wait, or it is an error; 0 for as long as it takes. 0 unless given.");

    private readonly TortureCommonOptions _common = new();

    public static Command Create(Surroundings surroundings)
    {
        var options = new TortureLocksVerb();
        var verb = new Command("locks", "Tortures locks in the manner of locktorture.");
        foreach (Option option in new Option[]
        {
            options._type.Option, options._nWritersStress, options._nReadersStress, options._longHold, options._nestedLocks,
            options._acqWriterLim,
        }.Concat(options._common.All))
        {
            verb.Options.Add(option);
        }

        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        LockTortureType type = _type.Of(line);
        long? writers = line.GetValue(_nWritersStress);
        long? readers = line.GetValue(_nReadersStress);
        if (readers > 0 && !type.HasReaders)
            throw new UsageException($"--nreaders-stress: {type} has no read lock, so it can have no readers");
        if (writers == 0 && (readers == 0 || readers is null))
            throw new UsageException("--nwriters-stress 0 leaves nobody, unless --nreaders-stress says how many readers there are");
        var test = new LockTorture(type, new LockTortureOptions
        {
            NWritersStress = (int?)writers,
            NReadersStress = (int?)readers,
            LongHold = Milliseconds(line.GetValue(_longHold)) ?? s_usual.LongHold,
            NestedLocks = (int)(line.GetValue(_nestedLocks) ?? s_usual.NestedLocks),
            AcqWriterLim = Milliseconds(line.GetValue(_acqWriterLim)) ?? s_usual.AcqWriterLim,
        });
        return _common.Run(line, test, surroundings);
    }

    private static TimeSpan? Milliseconds(long? number) => number is { } n ? TimeSpan.FromMilliseconds(n) : null;
}
