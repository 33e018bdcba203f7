using System.Globalization;
using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>Values and conditions as a person writes them.</summary>
internal static class Words
{
    public static string Of(Location location, CellValue value, Machine machine)
    {
        if (!location.IsReference)
            return OfBits(location.ValueType, value.Bits);
        return value.Reference switch
        {
            null => "null",
            SharedObject owned when machine.NameOfObject(owned) is { } name => name,
            var other => other.ToString() ?? other.GetType().Name,
        };
    }

    /// <summary>A step, as others refer to it.</summary>
    public static string Number(int step, Role role) => string.Create(CultureInfo.InvariantCulture, $"#{step} {role.Name}");

    public static string OfBits(Type type, long bits)
    {
        if (type == typeof(bool))
            return bits != 0 ? "true" : "false";
        if (type.IsEnum)
            return Enum.ToObject(type, bits).ToString()!;
        if (type == typeof(int))
            return ((int)bits).ToString(CultureInfo.InvariantCulture);
        if (type == typeof(short))
            return ((short)bits).ToString(CultureInfo.InvariantCulture);
        if (type == typeof(sbyte))
            return ((sbyte)bits).ToString(CultureInfo.InvariantCulture);
        if (type == typeof(ulong) || type == typeof(nuint))
            return ((ulong)bits).ToString(CultureInfo.InvariantCulture);
        if (type == typeof(char))
            return $"'{(char)bits}'";
        return bits.ToString(CultureInfo.InvariantCulture);
    }

    public static string Awaited(in Operation op, Location location, Machine machine)
    {
        string name = machine.NameOf(location);
        string operand = location.IsReference
            ? Of(location, new CellValue(0, op.RefA), machine)
            : OfBits(location.ValueType, op.A);
        return op.Condition switch
        {
            Condition.Equal => $"{name} == {operand}",
            Condition.NotEqual => $"{name} != {operand}",
            Condition.MaskClear => $"({name} & {operand}) == 0",
            Condition.MaskSet => $"({name} & {operand}) != 0",
            _ => $"a condition on {name}",
        };
    }
}
