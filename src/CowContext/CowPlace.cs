using RcuModel.Mm;

namespace RcuModel.CowContexts;

/// <summary>Where a walk has found its folio.</summary>
/// <param name="Context">The context.</param>
/// <param name="Mm">Its mm.</param>
/// <param name="Page">The address.</param>
public readonly record struct CowPlace(CowContext Context, MmStruct Mm, long Page);
