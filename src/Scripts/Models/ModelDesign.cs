using RcuModel.AnonVmas;
using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Stabilisation;

namespace RcuModel.Scripts;

/// <summary>A design of the reverse map for one machine, and what a dump tells of it.</summary>
public abstract class ModelDesign
{
    /// <summary>What the command line calls the designs.</summary>
    public static IReadOnlyList<string> Names { get; } = ["anon-vma", "cow-context", "both"];

    /// <summary>The design.</summary>
    public abstract IReverseMap ReverseMap { get; }

    /// <summary>A new one; null if there is none of that name.</summary>
    /// <param name="name">The name.</param>
    public static ModelDesign? Create(string name) => name switch
    {
        "anon-vma" => new AnonVmaDesign(new AnonVmaMap()),
        "cow-context" => new CowContextDesign(new CowContextMap(new RootLock())),
        "both" => new AnonVmaDesign(new BothMaps(new RootLock())),
        _ => null,
    };

    /// <summary>The proposal with a stabilisation, or bugs, of one's own.</summary>
    /// <param name="map">The proposal, for one machine.</param>
    public static ModelDesign Of(CowContextMap map) => new CowContextDesign(map);

    /// <summary>The same beside today's design, which is what dumps tell of.</summary>
    /// <param name="maps">Both, for one machine.</param>
    public static ModelDesign Of(BothMaps maps) => new AnonVmaDesign(maps);

    /// <summary>What a VMA gives its folios; null if it has nothing yet.</summary>
    public abstract object? AnonOf(Vma vma);

    /// <summary>What a VMA is linked to, the newest first.</summary>
    public abstract IEnumerable<object> ChainOf(Vma vma);

    /// <summary>What a folio points to; null for nothing.</summary>
    public abstract object? AnonOf(Folio folio);

    /// <summary>What is in one of the things that the others gave.</summary>
    public abstract DumpBuilder.AnonContents ContentsOf(object anon);

    /// <summary>What the reverse map of address spaces would take in Linux, in bytes. To be asked when nothing changes them.</summary>
    public abstract long ModelledBytes(IEnumerable<MmStruct> mms);

    private sealed class AnonVmaDesign(IReverseMap reverseMap) : ModelDesign
    {
        public override IReverseMap ReverseMap => reverseMap;

        public override object? AnonOf(Vma vma) => AnonVmaMap.Of(vma);

        public override IEnumerable<object> ChainOf(Vma vma) => AnonVmaMap.ChainOf(vma);

        public override object? AnonOf(Folio folio) => AnonVmaMap.Of(folio);

        public override long ModelledBytes(IEnumerable<MmStruct> mms) => AnonVmaMemory.Of(mms).Bytes;

        public override DumpBuilder.AnonContents ContentsOf(object anon)
        {
            var anonVma = (AnonVma)anon;
            return new(anonVma.Root, anonVma.Parent, anonVma.Children, anonVma.ActiveVmas);
        }
    }

    // A folio of any context above may be mapped by the VMA, as one of any anon_vma in its chain may.
    private sealed class CowContextDesign(CowContextMap map) : ModelDesign
    {
        public override IReverseMap ReverseMap => map;

        public override object? AnonOf(Vma vma) => vma.AnonVma.ReadOnce() is null ? null : CowContextMap.Of(vma.Mm.ReadOnce()!);

        public override IEnumerable<object> ChainOf(Vma vma)
        {
            for (var context = (CowContext?)AnonOf(vma); context is not null; context = context.Parent)
                yield return context;
        }

        public override object? AnonOf(Folio folio) => CowContextMap.Of(folio);

        public override DumpBuilder.AnonContents ContentsOf(object anon)
        {
            var context = (CowContext)anon;
            int faulted = context.Mm?.AllVmas.Count(static vma => vma.AnonVma.ReadOnce() is not null) ?? 0;
            return new(context.Root, context.Parent ?? context, context.CountChildren(), faulted);
        }

        public override long ModelledBytes(IEnumerable<MmStruct> mms) => CowMemory.Of(mms).Bytes;
    }
}
