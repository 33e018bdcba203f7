using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RcuModel.Analyzers;

/// <summary>Finds captured locals through which the threads of an execution communicate: RCU008.</summary>
/// <remarks>
/// A thread is a lambda or local function that is handed to Execution.Run, Start or StartBackground. A local that one
/// thread assigns may not be mentioned by another that runs beside it. What the code around the threads does with it is
/// not looked at, since it usually runs before they start or after they have ended. The variable of a for loop is the
/// exception: the loop goes on counting while the threads that it has started look.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharedLocalAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.Create(Descriptors.SharedLocal);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var known = new KnownTypes(start.Compilation);
            if (known.Execution is not null)
            {
                start.RegisterOperationBlockAction(block => Analyze(block, known));
            }
        });
    }

    private static void Analyze(OperationBlockAnalysisContext context, KnownTypes known)
    {
        if (!known.IsModelCode(context.OwningSymbol))
        {
            return;
        }

        var operations = context.OperationBlocks.SelectMany(block => block.DescendantsAndSelf()).ToList();
        var threads = FindThreads(operations, known);
        if (threads.Count == 0)
        {
            return;
        }

        var accesses = operations
            .Select(operation => (
                Operation: operation,
                Variable: VariableOf(operation),
                Thread: operation.Ancestors().FirstOrDefault(threads.ContainsKey)))
            .Where(access => access is { Variable: not null, Thread: not null })
            .Where(access => !IsDeclaredIn(access.Variable!, access.Thread!))
            .Where(access => !IsInstrumented(access.Variable!, known))
            .GroupBy(access => access.Variable!, SymbolEqualityComparer.Default);

        foreach (var variable in accesses)
        {
            var local = variable.Key!;
            var conflict = variable.FirstOrDefault(access =>
                IsCountedAround(threads[access.Thread!], local)
                || (access.Operation.IsWritten()
                    && (RunsTwice(threads[access.Thread!], local)
                        || variable.Any(other => RunSideBySide(access.Thread!, other.Thread!, threads))))).Operation;
            if (conflict is not null)
            {
                var location = conflict.Syntax.GetLocation();
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.SharedLocal, location, local.Name));
            }
        }
    }

    /// <summary>The functions that run as threads, each with the calls that start it.</summary>
    private static Dictionary<IOperation, List<IInvocationOperation>> FindThreads(
        List<IOperation> operations, KnownTypes known)
    {
        var threads = new Dictionary<IOperation, List<IInvocationOperation>>();
        foreach (var operation in operations)
        {
            if (FunctionOf(operation, operations) is { } function && StartOf(operation, known) is { } start)
            {
                if (!threads.TryGetValue(function, out var starts))
                {
                    threads.Add(function, starts = []);
                }

                starts.Add(start);
            }
        }

        return threads;
    }

    /// <summary>The function that a value is, as far as it is written in this member.</summary>
    private static IOperation? FunctionOf(IOperation value, List<IOperation> operations) => value switch
    {
        IAnonymousFunctionOperation lambda => lambda,
        IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } method } =>
            operations.OfType<ILocalFunctionOperation>()
                .FirstOrDefault(function => function.Symbol.Is(method.OriginalDefinition)),
        ILocalReferenceOperation { Type.TypeKind: TypeKind.Delegate, Local: var local } =>
            InitialValue(local, operations) is IDelegateCreationOperation { Target: IAnonymousFunctionOperation lambda }
                ? lambda
                : null,
        _ => null,
    };

    private static IOperation? InitialValue(ILocalSymbol local, List<IOperation> operations) =>
        operations.OfType<IVariableDeclaratorOperation>()
            .FirstOrDefault(declarator => declarator.Symbol.Is(local))?
            .Initializer?.Value;

    /// <summary>The call that a value is handed to as a thread, perhaps with a name and among others.</summary>
    private static IInvocationOperation? StartOf(IOperation value, KnownTypes known)
    {
        foreach (var ancestor in value.Ancestors())
        {
            switch (ancestor)
            {
                case IDelegateCreationOperation or IConversionOperation:
                case IArrayCreationOperation or IArrayInitializerOperation or ICollectionExpressionOperation:
                case ITupleOperation:
                    continue;
                case IArgumentOperation { Parent: IInvocationOperation call }:
                    return call.TargetMethod is { Name: "Run" or "Start" or "StartBackground" } method
                        && method.ContainingType.Is(known.Execution) ? call : null;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>Whether two functions may run at the same time, as far as the calls that start them tell.</summary>
    private static bool RunSideBySide(
        IOperation one, IOperation other, Dictionary<IOperation, List<IInvocationOperation>> threads)
    {
        var path = PathTo(one);
        var otherPath = PathTo(other);
        var common = path.Zip(otherPath, (a, b) => a == b).TakeWhile(same => same).Count();
        var starts = path.Skip(common).Take(1).SelectMany(thread => threads[thread]).ToList();
        var otherStarts = otherPath.Skip(common).Take(1).SelectMany(thread => threads[thread]).ToList();

        // Run returns when its threads have ended: they meet each other, but not those of the next Run, nor the thread
        // that called it. Where a started thread is joined is not known.
        return starts.Concat(otherStarts).Any(start => !IsRun(start)) || starts.Intersect(otherStarts).Any();

        List<IOperation> PathTo(IOperation thread) =>
            thread.Ancestors().Where(threads.ContainsKey).Reverse().Append(thread).ToList();
    }

    /// <summary>Whether several threads run the same function side by side and share the variable.</summary>
    private static bool RunsTwice(List<IInvocationOperation> starts, ISymbol variable) =>
        (starts.Count > 1 && starts.Any(start => !IsRun(start)))
        || starts.Distinct().Count() < starts.Count
        || starts.SelectMany(LoopsAround).Any(loop => !IsDeclaredIn(variable, loop.Body));

    private static bool IsRun(IInvocationOperation start) => start.TargetMethod.Name == "Run";

    private static bool IsCountedAround(List<IInvocationOperation> starts, ISymbol variable) =>
        starts.SelectMany(LoopsAround).OfType<IForLoopOperation>()
            .Any(loop => loop.Locals.Any(counter => counter.Is(variable)));

    /// <summary>
    /// The loops in which the call starts one thread after the other. A loop of Run does not count: each thread has
    /// ended before the next turn begins.
    /// </summary>
    private static IEnumerable<ILoopOperation> LoopsAround(IInvocationOperation start) =>
        IsRun(start)
            ? []
            : start.Ancestors()
                .TakeWhile(ancestor => ancestor is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
                .OfType<ILoopOperation>();

    private static ISymbol? VariableOf(IOperation operation) => operation switch
    {
        ILocalReferenceOperation { IsDeclaration: false } reference => reference.Local,
        IParameterReferenceOperation reference => reference.Parameter,
        _ => null,
    };

    private static bool IsDeclaredIn(ISymbol variable, IOperation operation) =>
        variable.DeclaringSyntaxReferences.Any(declaration =>
            declaration.SyntaxTree == operation.Syntax.SyntaxTree
            && operation.Syntax.FullSpan.Contains(declaration.Span));

    private static bool IsInstrumented(ISymbol variable, KnownTypes known) =>
        known.IsCell(variable is ILocalSymbol local ? local.Type : ((IParameterSymbol)variable).Type);
}
