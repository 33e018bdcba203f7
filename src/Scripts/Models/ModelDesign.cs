using RcuModel.AnonVmas;
using RcuModel.Mm;

namespace RcuModel.Scripts;

/// <summary>A design of the reverse map for one machine, and what a dump tells of it.</summary>
public abstract class ModelDesign
{
    /// <summary>What the command line calls the designs.</summary>
    public static IReadOnlyList<string> Names { get; } = ["anon-vma"];

    /// <summary>The design.</summary>
    public abstract IReverseMap ReverseMap { get; }

    /// <summary>A new one; null if there is none of that name.</summary>
    /// <param name="name">The name.</param>
    public static ModelDesign? Create(string name) => name == Names[0] ? new AnonVmaDesign() : null;

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

    private sealed class AnonVmaDesign : ModelDesign
    {
        public override IReverseMap ReverseMap { get; } = new AnonVmaMap();

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
}
