using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Reduction;

/// <summary>What a step does to the value that it finds: the one place that knows, for memory and for reductions.</summary>
internal static class Outcome
{
    /// <summary>Whether an await may go on at this value.</summary>
    public static bool ConditionHolds(in Event step, Location location, CellValue value)
    {
        if (step.Condition == Condition.Predicate)
            return step.Predicate!(step.Argument!, new ReadOnlySpan<CellValue>(in value));
        if (location.IsReference)
            return ReferenceEquals(value.Reference, step.RefA) == (step.Condition == Condition.Equal);
        return Conditions.Holds(step.Condition, value.Bits, step.A);
    }

    /// <summary>Whether an await over several cells may go on at these values.</summary>
    public static bool ConditionHolds(in Event step, ReadOnlySpan<CellValue> values) =>
        step.Predicate!(step.Argument!, values);

    /// <summary>Whether a step of this kind, finding this value, writes.</summary>
    public static bool Writes(in Event step, Location location, CellValue found) => step.Access.Kind switch
    {
        OperationKind.Load or OperationKind.Await => false,
        OperationKind.CompareExchange => location.IsReference
            ? ReferenceEquals(found.Reference, step.RefA)
            : found.Bits == step.A,
        OperationKind.AddUnless => found.Bits != step.B,
        _ => true,
    };
}
