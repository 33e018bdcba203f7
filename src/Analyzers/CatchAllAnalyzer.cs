using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RcuModel.Analyzers;

/// <summary>Finds handlers in model code that would stop the unwinding of an abandoned execution: RCU007.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CatchAllAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.Create(Descriptors.CatchAll);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var known = new KnownTypes(start.Compilation);
            start.RegisterOperationAction(operation => Analyze(operation, known), OperationKind.CatchClause);
        });
    }

    private static void Analyze(OperationAnalysisContext context, KnownTypes known)
    {
        var handler = (ICatchClauseOperation)context.Operation;
        if (CatchesAll(handler) && !AlwaysRethrows(handler) && known.IsModelCode(context.ContainingSymbol))
        {
            var location = handler.Syntax.GetFirstToken().GetLocation();
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.CatchAll, location));
        }
    }

    private static bool CatchesAll(ICatchClauseOperation handler)
    {
        // A filter is trusted to know what it lets through, unless it visibly lets everything through.
        if (handler.Filter is { } filter && filter.ConstantValue is not { HasValue: true, Value: true })
        {
            return false;
        }

        return ((CatchClauseSyntax)handler.Syntax).Declaration is null
            || handler.ExceptionType.IsSystemType("Exception");
    }

    /// <summary>Whether the handler ends in 'throw;' on every path. Another throw replaces the exception.</summary>
    private static bool AlwaysRethrows(ICatchClauseOperation handler)
    {
        var flow = handler.SemanticModel?.AnalyzeControlFlow(((CatchClauseSyntax)handler.Syntax).Block);
        return flow is { Succeeded: true, EndPointIsReachable: false }
            && flow.ExitPoints.IsEmpty && flow.ReturnStatements.IsEmpty
            && Throws(handler.Handler).All(@throw => @throw.Exception is null);
    }

    private static IEnumerable<IThrowOperation> Throws(IOperation operation)
    {
        foreach (var child in operation.ChildOperations)
        {
            // What a function throws that is merely declared here is not thrown here.
            if (child is IAnonymousFunctionOperation or ILocalFunctionOperation)
            {
                continue;
            }

            if (child is IThrowOperation found)
            {
                yield return found;
            }

            foreach (var nested in Throws(child))
            {
                yield return nested;
            }
        }
    }
}
