using Microsoft.CodeAnalysis;

namespace RcuModel.Analyzers;

/// <summary>Tells types whose contents can change behind a readonly reference from those where they cannot.</summary>
internal static class MutableContents
{
    /// <summary>
    /// Whether the contents of the type can change without the explorer noticing: collections, buffers and arrays, but
    /// not arrays of cells.
    /// </summary>
    public static bool AreHidden(ITypeSymbol type, KnownTypes known) => type switch
    {
        IArrayTypeSymbol array => !known.IsCell(array.ElementType),
        INamedTypeSymbol named => IsMutableCollection(named),
        _ => false,
    };

    private static bool IsMutableCollection(INamedTypeSymbol type)
    {
        // A class of the model's own that derives from List<T> is no better than List<T>.
        for (INamedTypeSymbol? t = type; t is not null; t = t.BaseType)
        {
            if (IsMutableInFramework(t.OriginalDefinition))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsMutableInFramework(INamedTypeSymbol type) =>
        type.ContainingNamespace?.ToDisplayString() switch
        {
            "System" => type.MetadataName is "Memory`1" or "ArraySegment`1",
            "System.Text" => type.Name is "StringBuilder",
            "System.Runtime.CompilerServices" => type.Name is "StrongBox" or "ConditionalWeakTable",
            "System.Collections.Immutable" => type.Name is "Builder",
            "System.Collections" or "System.Collections.Generic" or "System.Collections.Concurrent"
                or "System.Collections.ObjectModel" or "System.Collections.Specialized" => IsContainer(type),
            _ => false,
        };

    private static bool IsContainer(INamedTypeSymbol type)
    {
        // None of them promises that nobody else writes, but none offers a way to write either.
        if (type.Name.StartsWith("IReadOnly", StringComparison.Ordinal)
            || type.Name.StartsWith("ReadOnly", StringComparison.Ordinal)
            || IsEnumerable(type))
        {
            return false;
        }

        // What remains of these namespaces and is not a container: comparers, enumerators, pairs. A priority queue
        // cannot be enumerated, only its UnorderedItems can.
        return type.Name is "PriorityQueue" || type.AllInterfaces.Any(IsEnumerable);
    }

    private static bool IsEnumerable(INamedTypeSymbol type) =>
        type.OriginalDefinition.SpecialType is SpecialType.System_Collections_IEnumerable
            or SpecialType.System_Collections_Generic_IEnumerable_T;
}
