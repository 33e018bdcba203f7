namespace RcuModel.Primitives;

/// <summary>The rules for model code apply here: no shared mutable state hides from the explorer.</summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class ModelCodeAttribute : Attribute;
