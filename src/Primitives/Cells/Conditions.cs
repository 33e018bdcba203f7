namespace RcuModel.Primitives;

/// <summary>The meaning of <see cref="Condition"/> on the bits of a numeric cell.</summary>
public static class Conditions
{
    /// <summary>Whether the condition holds of a value. Predicates are not decided here.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="value">The cell's bits.</param>
    /// <param name="operand">The condition's operand.</param>
    public static bool Holds(Condition condition, long value, long operand) => condition switch
    {
        Condition.Equal => value == operand,
        Condition.NotEqual => value != operand,
        Condition.MaskClear => (value & operand) == 0,
        Condition.MaskSet => (value & operand) != 0,
        Condition.None => true,
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };
}
