namespace RcuModel.Primitives;

/// <summary>What a scope has to know of its flavour.</summary>
public interface IRcuFlavour
{
    /// <summary>Ends a reader, unchecked.</summary>
    /// <param name="reader">The calling thread's handle.</param>
    static abstract void Leave(RcuReader reader);
}
