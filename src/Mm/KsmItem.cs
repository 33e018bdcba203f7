using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>A page of an address space that KSM has come by. It belongs to whoever scans. Kernel: struct ksm_rmap_item.</summary>
/// <param name="mm">The address space, whose memory is kept by KSM.</param>
/// <param name="page">The page.</param>
internal sealed class KsmItem(MmStruct mm, long page)
{
    /// <summary>The address space.</summary>
    public MmStruct Mm { get; } = mm;

    /// <summary>The page.</summary>
    public long Page { get; } = page;

    /// <summary>What was in the page in the last round; a page that changes is left alone. Kernel: oldchecksum.</summary>
    [ThreadPrivate("who scans")]
    public long? Content { get; set; }

    /// <summary>The shared page that it was found to map; null if none.</summary>
    [ThreadPrivate("who scans")]
    public KsmNode? Node { get; set; }

    /// <summary>What its VMA had for the reverse map then, held. Kernel: anon_vma.</summary>
    [ThreadPrivate("who scans, and walks once it is in a node")]
    public SharedObject? Held { get; set; }

    /// <summary>Its number in the index of folios of its VMA. It stays so: memory that moves is no longer shared.</summary>
    [ThreadPrivate("who scans, and walks once it is in a node")]
    public long Index { get; set; }

    /// <summary>Whether this round has come by it.</summary>
    [ThreadPrivate("who scans")]
    public bool IsSeen { get; set; }
}
