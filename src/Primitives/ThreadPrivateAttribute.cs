namespace RcuModel.Primitives;

/// <summary>A mutable field of model code that only one thread ever touches.</summary>
/// <param name="why">What keeps the other threads away.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class ThreadPrivateAttribute(string why) : Attribute
{
    /// <summary>What keeps the other threads away.</summary>
    public string Why { get; } = why;
}
