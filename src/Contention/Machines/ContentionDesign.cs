using RcuModel.AnonVmas;
using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Stabilisation;

namespace RcuModel.Contention;

/// <summary>A design of the reverse map that is measured: today's, or the proposal with one of its stabilisations.</summary>
public sealed class ContentionDesign
{
    private readonly Func<IReverseMap> _create;
    private readonly Func<IEnumerable<MmStruct>, long> _modelledBytes;

    private ContentionDesign(string name, Func<IReverseMap> create, Func<IEnumerable<MmStruct>, long> modelledBytes)
    {
        Name = name;
        _create = create;
        _modelledBytes = modelledBytes;
    }

    /// <summary>Today's, to which all others are compared.</summary>
    public static ContentionDesign AnonVma { get; } = new("anon-vma", static () => new AnonVmaMap(), static mms => AnonVmaMemory.Of(mms).Bytes);

    /// <summary>All of them, today's first.</summary>
    public static IReadOnlyList<ContentionDesign> All { get; } = [AnonVma, .. Stabilisations.All.Select(Of)];

    /// <summary>The proposal without a stabilisation, which is right as long as nobody changes what is walked over.</summary>
    public static ContentionDesign Bare { get; } = All.Single(static design => design.Name == NameOf(new Unstabilised()));

    /// <summary>Those that are measured unless others are named: all but the one that keeps nothing still, and so breaks.</summary>
    public static IReadOnlyList<ContentionDesign> Usual { get; } =
        [.. All.Where(static design => design != Bare)];

    /// <summary>What the command line calls it.</summary>
    public string Name { get; }

    /// <summary>A new reverse map, for one machine.</summary>
    public IReverseMap Create() => _create();

    /// <summary>What the reverse map of address spaces would take in Linux, in bytes. To be asked when nothing changes them.</summary>
    /// <param name="mms">The address spaces.</param>
    public long ModelledBytes(IEnumerable<MmStruct> mms) => _modelledBytes(mms);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static ContentionDesign Of(Func<IStabilisation> stabilisation) => new(
        NameOf(stabilisation()), () => new CowContextMap(stabilisation()), static mms => CowMemory.Of(mms).Bytes);

    private static string NameOf(IStabilisation stabilisation) => $"cow-{stabilisation.Name}";
}
