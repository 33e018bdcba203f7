using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>What a walk of the reverse map had to look at, where its design has contexts. One walk, one thread.</summary>
public sealed class RmapCosts
{
    /// <summary>Contexts whose mm was searched.</summary>
    [ThreadPrivate("the walk's thread")]
    public int Contexts { get; set; }

    /// <summary>Those of them in which the folio was not.</summary>
    [ThreadPrivate("the walk's thread")]
    public int UselessContexts { get; set; }

    /// <summary>Contexts that were passed over, because nobody has their mm any more or it could not be looked at.</summary>
    [ThreadPrivate("the walk's thread")]
    public int PassedContexts { get; set; }

    /// <summary>Look-ups in trees of VMAs.</summary>
    [ThreadPrivate("the walk's thread")]
    public int VmaLookups { get; set; }

    /// <summary>Contexts that were visited again because something had changed meanwhile.</summary>
    [ThreadPrivate("the walk's thread")]
    public int Retries { get; set; }

    /// <summary>Look-ups in tables of what was moved.</summary>
    [ThreadPrivate("the walk's thread")]
    public int RemapLookups { get; set; }

    /// <summary>Other places that these said.</summary>
    [ThreadPrivate("the walk's thread")]
    public int Offsets { get; set; }

    /// <summary>The most that one of them said.</summary>
    [ThreadPrivate("the walk's thread")]
    public int OffsetsMax { get; set; }
}
