using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace RcuModel.Analyzers;

/// <summary>Questions about operations and symbols that more than one rule asks.</summary>
internal static class AnalysisExtensions
{
    /// <summary>Whether both are the same symbol, whatever the nullability of the references.</summary>
    public static bool Is(this ISymbol? symbol, ISymbol? other) => SymbolEqualityComparer.Default.Equals(symbol, other);

    /// <summary>Whether this is the type of the given name in namespace System.</summary>
    public static bool IsSystemType(this ITypeSymbol? type, string name) =>
        type?.Name == name
        && type.ContainingNamespace is { Name: "System", ContainingNamespace.IsGlobalNamespace: true };

    /// <summary>
    /// Whether this reference to a variable may store to it: as the target of an assignment, or through a mutable
    /// reference or a pointer that is taken of it.
    /// </summary>
    public static bool IsWritten(this IOperation reference)
    {
        // A store to a field of a struct is a store to the variable that contains the struct.
        while (reference.Parent is IFieldReferenceOperation { Field.ContainingType.IsValueType: true } field
            && field.Instance == reference)
        {
            reference = field;
        }

        return reference.Parent switch
        {
            ISimpleAssignmentOperation { IsRef: true } assignment => assignment.Value == reference,
            IAssignmentOperation assignment => assignment.Target == reference,
            IIncrementOrDecrementOperation or IAddressOfOperation => true,
            IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => true,
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.RefKind: RefKind.Ref } } =>
                true,
            ITupleOperation or IDeclarationExpressionOperation => reference.Parent.IsWritten(),
            _ => false,
        };
    }

    /// <summary>The operations around this one, innermost first.</summary>
    public static IEnumerable<IOperation> Ancestors(this IOperation operation)
    {
        for (var ancestor = operation.Parent; ancestor is not null; ancestor = ancestor.Parent)
        {
            yield return ancestor;
        }
    }
}
