using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RcuModel.Analyzers;

/// <summary>Finds copies of cells: RCU004.</summary>
/// <remarks>
/// Looks at each expression that denotes a cell in memory, and asks what becomes of it. The few uses that leave the
/// cell where it is are known; everything else is a copy, including what later versions of the language may add.
/// Values that are not in memory yet (new, default, what a method returns by value) may go where they like.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CellCopyAnalyzer : DiagnosticAnalyzer
{
    private const string AccessedReadOnly = "accessed through a readonly reference";
    private const string Boxed = "boxed";
    private const string Returned = "returned by value";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.Create(Descriptors.CopiedCell);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var known = new KnownTypes(start.Compilation);
            start.RegisterSymbolAction(symbol => AnalyzeProperty(symbol, known), SymbolKind.NamedType);
            start.RegisterSymbolAction(symbol => AnalyzeParameter(symbol, known), SymbolKind.Parameter);
            start.RegisterOperationAction(
                operation => AnalyzeLocal(operation, known), OperationKind.VariableDeclarator);
            start.RegisterOperationAction(operation => AnalyzeWith(operation, known), OperationKind.With);
            start.RegisterOperationAction(
                operation => AnalyzeReference(operation, known),
                OperationKind.LocalReference,
                OperationKind.ParameterReference,
                OperationKind.FieldReference,
                OperationKind.PropertyReference,
                OperationKind.ArrayElementReference,
                OperationKind.InlineArrayAccess,
                OperationKind.ImplicitIndexerReference,
                OperationKind.InstanceReference,
                OperationKind.Invocation);
        });
    }

    /// <summary>The getter of an automatic property has no body in which the copy could be found.</summary>
    private static void AnalyzeProperty(SymbolAnalysisContext context, KnownTypes known)
    {
        foreach (var member in context.Symbol is INamedTypeSymbol type ? type.GetMembers() : [])
        {
            if (member is IFieldSymbol { AssociatedSymbol: IPropertySymbol property } && known.IsCell(property.Type))
            {
                Report(context.ReportDiagnostic, property, Returned);
            }
        }
    }

    private static void AnalyzeParameter(SymbolAnalysisContext context, KnownTypes known)
    {
        var parameter = (IParameterSymbol)context.Symbol;
        if (parameter.RefKind is RefKind.In or RefKind.RefReadOnlyParameter && known.IsCell(parameter.Type))
        {
            Report(context.ReportDiagnostic, parameter, AccessedReadOnly);
        }
    }

    private static void AnalyzeLocal(OperationAnalysisContext context, KnownTypes known)
    {
        var declarator = (IVariableDeclaratorOperation)context.Operation;
        var local = declarator.Symbol;
        if (!known.IsCell(local.Type))
        {
            return;
        }

        if (local.RefKind == RefKind.RefReadOnly)
        {
            Report(context.ReportDiagnostic, local, AccessedReadOnly);
        }
        else if (local.RefKind == RefKind.None && declarator.Parent is IForEachLoopOperation)
        {
            Report(context.ReportDiagnostic, local, "the variable of a foreach");
        }
    }

    private static void AnalyzeWith(OperationAnalysisContext context, KnownTypes known)
    {
        var operand = ((IWithOperation)context.Operation).Operand;
        if (operand.Type is { } type && known.HoldsCells(type))
        {
            Report(context.ReportDiagnostic, operand.Syntax, "part of a record that is cloned");
        }
    }

    private static void AnalyzeReference(OperationAnalysisContext context, KnownTypes known)
    {
        var reference = context.Operation;
        if (known.IsCell(reference.Type) && DenotesCell(reference)
            && DescribeCopy(reference, context.ContainingSymbol) is { } copy)
        {
            Report(context.ReportDiagnostic, reference.Syntax, copy);
        }
    }

    private static bool DenotesCell(IOperation operation) =>
        operation is not IInvocationOperation invocation || invocation.TargetMethod.RefKind != RefKind.None;

    /// <summary>How the use of a reference to a cell copies the cell, or null where it leaves it in place.</summary>
    private static string? DescribeCopy(IOperation reference, ISymbol containing)
    {
        var value = reference;
        while (value.Parent is IConversionOperation { Conversion.IsIdentity: true }
            or IConditionalOperation { IsRef: true })
        {
            value = value.Parent;
        }

        // A collection's indexer, say: whatever is done to its result, it is done to a copy.
        if (reference is IPropertyReferenceOperation { Property: { RefKind: RefKind.None } getter })
        {
            return IsAssigned(value) || value.Parent is INameOfOperation ? null
                : getter.IsIndexer ? "what an indexer returns by value"
                : "what a property returns by value";
        }

        if (value.IsWritten())
        {
            return null;
        }

        switch (value.Parent)
        {
            case null:
            case INameOfOperation:
            case IExpressionStatementOperation:
            case IDeclarationExpressionOperation:
            case IMemberInitializerOperation:
            case IFieldReferenceOperation field when field.Instance == value:
            case IInlineArrayAccessOperation array when array.Instance == value:
            case IImplicitIndexerReferenceOperation indexer when indexer.Instance == value:
            case ISimpleAssignmentOperation { IsRef: true }:
            case IForEachLoopOperation:
                return null;

            case IPropertyReferenceOperation property when property.Instance == value:
                var accessor = IsAssigned(property) ? property.Property.SetMethod : property.Property.GetMethod;
                return CallsOnCopy(value, accessor, containing);

            case IInvocationOperation invocation when invocation.Instance == value:
                return CallsOnCopy(value, invocation.TargetMethod, containing);

            case IMethodReferenceOperation:
                return "boxed by a delegate";

            case IArgumentOperation argument
                when argument.Parameter?.RefKind is RefKind.In or RefKind.RefReadOnlyParameter:
                return IsUnsafe(argument.Parent) ? null : "passed by 'in'";

            case IArgumentOperation:
                return "passed by value";

            // Its declaration is reported instead: one mistake, one error.
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }
                when declarator.Symbol.RefKind == RefKind.RefReadOnly:
                return null;

            case IAssignmentOperation or ISymbolInitializerOperation:
                return "assigned to another variable";

            case IReturnOperation:
                return ReturnsByRef(value, containing) ? null : Returned;

            case IConversionOperation conversion:
                return conversion.GetConversion() switch
                {
                    { IsInlineArray: true } => null,
                    { IsBoxing: true } => Boxed,
                    _ => "converted",
                };

            default:
                return "used as a value";
        }
    }

    private static string? CallsOnCopy(IOperation receiver, IMethodSymbol? method, ISymbol containing)
    {
        // Members that the struct inherits and does not override are called on a box.
        if (method?.ContainingType.SpecialType is SpecialType.System_Object or SpecialType.System_ValueType)
        {
            return Boxed;
        }

        return method is { IsReadOnly: false } && IsReadOnly(receiver, containing) ? AccessedReadOnly : null;
    }

    /// <summary>
    /// Whether the compiler must protect the location from change. Says no where a declaration is the mistake and is
    /// reported itself: a readonly field, an 'in' parameter, a 'ref readonly' local.
    /// </summary>
    private static bool IsReadOnly(IOperation location, ISymbol containing) => location switch
    {
        IFieldReferenceOperation { Field.ContainingType.IsValueType: true, Instance: { } instance } =>
            IsReadOnly(instance, containing),
        IInlineArrayAccessOperation access => IsReadOnly(access.Instance, containing),
        IInstanceReferenceOperation { Type.IsValueType: true } => containing is IMethodSymbol { IsReadOnly: true },
        IPropertyReferenceOperation property => property.Property.RefKind == RefKind.RefReadOnly,
        IInvocationOperation invocation => invocation.TargetMethod.RefKind == RefKind.RefReadOnly,
        _ => false,
    };

    private static bool IsAssigned(IOperation value) =>
        value.Parent is IAssignmentOperation assignment && assignment.Target == value;

    /// <summary>
    /// Whether the call is to a method of Unsafe, such as AsRef or AreSame. They take their references as readonly only
    /// to accept every kind, and never read through them.
    /// </summary>
    private static bool IsUnsafe(IOperation? call) =>
        call is IInvocationOperation { TargetMethod.ContainingType: { Name: "Unsafe" } type }
        && type.ContainingNamespace.ToDisplayString() == "System.Runtime.CompilerServices";

    private static bool ReturnsByRef(IOperation value, ISymbol containing)
    {
        foreach (var ancestor in value.Ancestors())
        {
            switch (ancestor)
            {
                case IAnonymousFunctionOperation lambda:
                    return lambda.Symbol.RefKind != RefKind.None;
                case ILocalFunctionOperation function:
                    return function.Symbol.RefKind != RefKind.None;
            }
        }

        return containing is IMethodSymbol { RefKind: not RefKind.None }
            or IPropertySymbol { RefKind: not RefKind.None };
    }

    private static void Report(Action<Diagnostic> report, ISymbol declared, string copy) =>
        report(Diagnostic.Create(Descriptors.CopiedCell, declared.Locations[0], declared.Name, copy));

    private static void Report(Action<Diagnostic> report, SyntaxNode expression, string copy) =>
        report(Diagnostic.Create(Descriptors.CopiedCell, expression.GetLocation(), expression.ToString(), copy));
}
