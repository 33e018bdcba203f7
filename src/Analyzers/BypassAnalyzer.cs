using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RcuModel.Analyzers;

/// <summary>Finds threads, locks and atomic accesses in model code that do not come from the hook: RCU006.</summary>
/// <remarks>
/// Whole namespaces are out of bounds, so that nothing has to be added here when .NET grows another kind of lock.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BypassAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.Create(Descriptors.BypassedHook);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var known = new KnownTypes(start.Compilation);
            start.RegisterSymbolAction(symbol => AnalyzeSymbol(symbol, known), SymbolKind.Field, SymbolKind.Method);
            start.RegisterOperationAction(
                operation => AnalyzeOperation(operation, known),
                OperationKind.Invocation,
                OperationKind.ObjectCreation,
                OperationKind.MethodReference,
                OperationKind.PropertyReference,
                OperationKind.Lock,
                OperationKind.Await,
                OperationKind.Loop,
                OperationKind.Using,
                OperationKind.UsingDeclaration);
        });
    }

    /// <summary>Whether each thread has its own such field; a pooled thread takes it into the next execution.</summary>
    internal static bool IsThreadStatic(IFieldSymbol field) =>
        field.GetAttributes().Any(attribute => attribute.AttributeClass.IsSystemType("ThreadStaticAttribute"));

    private static void AnalyzeSymbol(SymbolAnalysisContext context, KnownTypes known)
    {
        var mechanism = context.Symbol switch
        {
            IFieldSymbol field when IsThreadStatic(field) => "[ThreadStatic]",
            IMethodSymbol method when (method.MethodImplementationFlags & MethodImplAttributes.Synchronized) != 0 =>
                "MethodImplOptions.Synchronized",
            _ => null,
        };

        if (mechanism is not null && known.IsModelCode(context.Symbol))
        {
            Report(context.ReportDiagnostic, context.Symbol.Locations[0], mechanism);
        }
    }

    private static void AnalyzeOperation(OperationAnalysisContext context, KnownTypes known)
    {
        var operation = context.Operation;
        var mechanism = operation switch
        {
            ILockOperation => "a lock statement",
            IAwaitOperation => "what happens during an await",
            IForEachLoopOperation { IsAsynchronous: true } => "what happens during an await foreach",
            IUsingOperation { IsAsynchronous: true } or IUsingDeclarationOperation { IsAsynchronous: true } =>
                "what happens during an await using",
            IInvocationOperation { TargetMethod: var method } => Describe(method),
            IObjectCreationOperation { Constructor: { } constructor } => Describe(constructor),
            IMethodReferenceOperation { Method: var method } => Describe(method),
            IPropertyReferenceOperation { Property: var property } => Describe(property),
            _ => null,
        };

        if (mechanism is not null && known.IsModelCode(context.ContainingSymbol))
        {
            // The keyword is enough: a squiggle under a whole block hides those inside it.
            var isBlock = operation is ILockOperation or ILoopOperation
                or IUsingOperation or IUsingDeclarationOperation;
            var location = isBlock ? operation.Syntax.GetFirstToken().GetLocation() : operation.Syntax.GetLocation();
            Report(context.ReportDiagnostic, location, mechanism);
        }
    }

    private static string? Describe(ISymbol member)
    {
        // A function pointer is called, too, and has no type.
        if (member.ContainingType is not { } type || !IsOutsideHook(type))
        {
            return null;
        }

        return member is IMethodSymbol { MethodKind: MethodKind.Constructor }
            ? type.Name
            : $"{type.Name}.{member.Name}";
    }

    private static bool IsOutsideHook(INamedTypeSymbol type) => type.ContainingNamespace?.ToDisplayString() switch
    {
        "System.Threading" or "System.Threading.Tasks" or "System.Threading.Channels" => !IsHarmless(type),
        "System.Timers" => type.Name is "Timer",
        "System" => type.Name is "Lazy",
        "System.Linq" => type.Name is "ParallelEnumerable",
        _ => false,
    };

    private static bool IsHarmless(INamedTypeSymbol type) =>
        type.Name is "CancellationToken" || type.Name.EndsWith("Exception", StringComparison.Ordinal);

    private static void Report(Action<Diagnostic> report, Location location, string mechanism) =>
        report(Diagnostic.Create(Descriptors.BypassedHook, location, mechanism));
}
