using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace RcuModel.Analyzers;

/// <summary>
/// What one compilation knows of RcuModel.Primitives: which types are cells, and which code is model code.
/// </summary>
internal sealed class KnownTypes
{
    // Structs nest a few levels deep. The limit is for erroneous code in which a struct contains itself.
    private const int MaxStructDepth = 8;

    private static readonly string[] CellNames = ["Cell`1", "Ref`1", "Plain`1", "PlainRef`1"];

    private readonly IAssemblySymbol _compiled;
    private readonly IAssemblySymbol? _primitives;
    private readonly ImmutableHashSet<ISymbol> _cells;
    private readonly INamedTypeSymbol? _modelCodeAttribute;
    private readonly INamedTypeSymbol? _threadPrivateAttribute;
    private readonly ConcurrentDictionary<ITypeSymbol, bool> _isCell = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, bool> _isModelCode = new(SymbolEqualityComparer.Default);

    public KnownTypes(Compilation compilation)
    {
        _compiled = compilation.Assembly;
        _modelCodeAttribute = Find(compilation, "ModelCodeAttribute");
        _threadPrivateAttribute = Find(compilation, "ThreadPrivateAttribute");
        Execution = Find(compilation, "Execution");
        _cells = CellNames
            .Select(name => Find(compilation, name))
            .OfType<INamedTypeSymbol>()
            .ToImmutableHashSet<ISymbol>(SymbolEqualityComparer.Default);
        _primitives = _cells.FirstOrDefault()?.ContainingAssembly;
    }

    /// <summary>RcuModel.Primitives.Execution, or null where the compilation does not refer to it.</summary>
    public INamedTypeSymbol? Execution { get; }

    /// <summary>Whether values of this type are locations, so that a copy of one is another location.</summary>
    /// <remarks>True of the four cell types and of every struct that contains one, at any depth.</remarks>
    public bool IsCell(ITypeSymbol? type) => IsCell(type, depth: 0);

    /// <summary>Whether objects of this class have cells in their own fields or in those of a base class.</summary>
    public bool HoldsCells(ITypeSymbol type)
    {
        for (ITypeSymbol? t = type; t is { TypeKind: TypeKind.Class }; t = t.BaseType)
        {
            if (t.GetMembers().Any(member => member is IFieldSymbol { IsStatic: false } field && IsCell(field.Type)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the rules for model code apply to the symbol.</summary>
    /// <remarks>
    /// They do where the assembly, the type, a type around it or one of its base classes is marked [ModelCode], but
    /// never inside a cell: there is the place where shared memory is touched.
    /// </remarks>
    public bool IsModelCode(ISymbol symbol)
    {
        if (_modelCodeAttribute is null)
        {
            return false;
        }

        var type = symbol as INamedTypeSymbol ?? symbol.ContainingType;
        return type is null
            ? symbol.ContainingAssembly is { } assembly && HasAttribute(assembly, _modelCodeAttribute)
            : _isModelCode.GetOrAdd(type.OriginalDefinition, IsModelType);
    }

    /// <summary>Whether the symbol is marked [ThreadPrivate], with a reason that is not blank.</summary>
    public bool IsThreadPrivate(ISymbol symbol) =>
        symbol.GetAttributes().Any(attribute =>
            attribute.AttributeClass.Is(_threadPrivateAttribute)
            && !attribute.ConstructorArguments.Any(argument =>
                argument.Value is string reason && string.IsNullOrWhiteSpace(reason)));

    private static INamedTypeSymbol? Find(Compilation compilation, string name) =>
        compilation.GetTypeByMetadataName("RcuModel.Primitives." + name);

    private static bool HasAttribute(ISymbol symbol, INamedTypeSymbol attributeType) =>
        symbol.GetAttributes().Any(attribute => attribute.AttributeClass.Is(attributeType));

    private bool IsCell(ITypeSymbol? type, int depth)
    {
        // A ref struct lives on one stack and has no location that others could share.
        if (_cells.IsEmpty || depth > MaxStructDepth || type is not INamedTypeSymbol
            {
                TypeKind: TypeKind.Struct, IsRefLikeType: false, SpecialType: SpecialType.None,
            } named)
        {
            return false;
        }

        if (_isCell.TryGetValue(named, out var known))
        {
            return known;
        }

        var isCell = _cells.Contains(named.OriginalDefinition) || IsOpaqueCell(named)
            || named.GetMembers().Any(member =>
                member is IFieldSymbol { IsStatic: false } field && IsCell(field.Type, depth + 1));

        // An answer from the bottom may have been cut short by the limit and is not one to remember.
        if (depth == 0)
        {
            _isCell.TryAdd(named, isCell);
        }

        return isCell;
    }

    /// <summary>
    /// Whether this is a mutable struct of another assembly whose authors are bound by these rules. The compiler does
    /// not import private fields, but what else than cells could make such a struct mutable?
    /// </summary>
    private bool IsOpaqueCell(INamedTypeSymbol type) =>
        !type.IsReadOnly
        && !type.ContainingAssembly.Is(_compiled)
        && (type.ContainingAssembly.Is(_primitives) || IsModelCode(type));

    private bool IsModelType(ISymbol type)
    {
        if (_cells.Contains(type))
        {
            return false;
        }

        for (var outer = (INamedTypeSymbol?)type; outer is not null; outer = outer.ContainingType)
        {
            for (var t = outer; t is not null; t = t.BaseType)
            {
                if (HasAttribute(t, _modelCodeAttribute!))
                {
                    return true;
                }
            }
        }

        return HasAttribute(type.ContainingAssembly, _modelCodeAttribute!);
    }
}
