using System.CommandLine;
using RcuModel.Torture.Ranges;

namespace RcuModel.Cli.Torture;

/// <summary><c>torture range</c>: locks of ranges, with the options of locktorture where it has them.</summary>
internal sealed class TortureRangeVerb
{
    private static readonly RangeTortureOptions s_usual = new();

    private readonly TortureTypeOption<RangeTortureType> _type = new(RangeTortureTypes.All, RangeTortureTypes.Usual);

    private readonly Option<long?> _nWritersStress = Choices.Number(
        "--nwriters-stress", "N", 0, 1000, "Writers. One for each CPU unless given.");

    private readonly Option<long?> _nReadersStress = Choices.Number(
        "--nreaders-stress", "N", 0, 1000, "Readers. As many as writers unless given.");

    private readonly Option<long?> _longHold = Choices.Number(
        "--long-hold", "MS", 0, 10_000, "Milliseconds for which a range is held once in a long while; 0 for never. 100 unless given.");

    private readonly Option<long?> _nIndices = Choices.Number(
        "--nindices", "N", 1, 1_000_000, "Indices of which ranges are made: the fewer, the more overlap. 64 unless given.");

    private readonly TortureCommonOptions _common = new();

    public static Command Create(Surroundings surroundings)
    {
        var options = new TortureRangeVerb();
        var verb = new Command("range", "Tortures locks of ranges as locktorture does locks.");
        foreach (Option option in new Option[]
        {
            options._type.Option, options._nWritersStress, options._nReadersStress, options._longHold, options._nIndices,
        }.Concat(options._common.All))
        {
            verb.Options.Add(option);
        }

        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        RangeTortureType type = _type.Of(line);
        long? writers = line.GetValue(_nWritersStress);
        long? readers = line.GetValue(_nReadersStress);
        if (writers == 0 && (readers == 0 || readers is null))
            throw new UsageException("--nwriters-stress 0 leaves nobody, unless --nreaders-stress says how many readers there are");
        var test = new RangeTorture(type, new RangeTortureOptions
        {
            NWritersStress = (int?)writers,
            NReadersStress = (int?)readers,
            LongHold = line.GetValue(_longHold) is { } hold ? TimeSpan.FromMilliseconds(hold) : s_usual.LongHold,
            NIndices = (int)(line.GetValue(_nIndices) ?? s_usual.NIndices),
        });
        return _common.Run(line, test, surroundings);
    }
}
