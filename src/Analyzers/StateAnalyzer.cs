using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace RcuModel.Analyzers;

/// <summary>Checks what types declare: RCU001, RCU002, RCU003 and RCU005.</summary>
/// <remarks>A member breaks at most one of these rules at a time, so one class decides which of them it is.</remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StateAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(
        Descriptors.HiddenField, Descriptors.StaticState, Descriptors.ReadonlyCell, Descriptors.HiddenContents);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var known = new KnownTypes(start.Compilation);
            start.RegisterSymbolAction(symbol => AnalyzeType(symbol, known), SymbolKind.NamedType);
            start.RegisterSymbolStartAction(symbol => AnalyzePrimaryConstructor(symbol, known), SymbolKind.NamedType);
        });
    }

    private static void AnalyzeType(SymbolAnalysisContext context, KnownTypes known)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct or TypeKind.Interface))
        {
            return;
        }

        var isModelCode = known.IsModelCode(type);
        foreach (var member in type.GetMembers())
        {
            var diagnostic = member switch
            {
                IFieldSymbol field => CheckField(field, isModelCode, known),
                IEventSymbol @event when isModelCode => CheckEvent(@event),
                _ => null,
            };

            if (diagnostic is not null)
            {
                context.ReportDiagnostic(diagnostic);
            }
        }
    }

    private static Diagnostic? CheckField(IFieldSymbol field, bool isModelCode, KnownTypes known)
    {
        // The backing field of a property stands for the property. That of an event comes as an event. A ref field is
        // no location but refers to one, and lives on the stack.
        var member = field.AssociatedSymbol ?? field;
        if (field.IsConst || field.RefKind != RefKind.None || member is IEventSymbol || member.IsImplicitlyDeclared)
        {
            return null;
        }

        if (field.IsStatic && isModelCode)
        {
            return IsStaticState(field, known) ? Create(Descriptors.StaticState, member) : null;
        }

        if (known.IsCell(field.Type))
        {
            // A property cannot be cured by removing 'readonly': see RCU004.
            return field.IsReadOnly && member is IFieldSymbol ? Create(Descriptors.ReadonlyCell, member) : null;
        }

        // A ref struct lives on the stack of one thread, and lambdas cannot capture it.
        if (!isModelCode || field.ContainingType.IsRefLikeType
            || known.IsThreadPrivate(member) || known.IsThreadPrivate(field))
        {
            return null;
        }

        if (!field.IsReadOnly)
        {
            return Create(Descriptors.HiddenField, member);
        }

        return MutableContents.AreHidden(field.Type, known)
            ? Create(Descriptors.HiddenContents, member, Name(field.Type))
            : null;
    }

    private static bool IsStaticState(IFieldSymbol field, KnownTypes known)
    {
        // A [ThreadStatic] field is RCU006: making it an instance field would not do.
        if (BypassAnalyzer.IsThreadStatic(field))
        {
            return false;
        }

        return !field.IsReadOnly
            || field.Type is IArrayTypeSymbol
            || known.IsCell(field.Type)
            || known.HoldsCells(field.Type)
            || MutableContents.AreHidden(field.Type, known);
    }

    private static Diagnostic? CheckEvent(IEventSymbol @event)
    {
        // Only a field-like event has a field, and only its accessors are made by the compiler.
        if (@event.IsAbstract || @event.IsExtern || @event.AddMethod is not { IsImplicitlyDeclared: true })
        {
            return null;
        }

        return Create(@event.IsStatic ? Descriptors.StaticState : Descriptors.HiddenField, @event);
    }

    /// <summary>
    /// A parameter of a primary constructor that is mentioned in a method is a field in disguise, and can be neither
    /// readonly nor marked.
    /// </summary>
    private static void AnalyzePrimaryConstructor(SymbolStartAnalysisContext context, KnownTypes known)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.IsRefLikeType || !known.IsModelCode(type))
        {
            return;
        }

        var written = new ConcurrentDictionary<IParameterSymbol, bool>(SymbolEqualityComparer.Default);
        context.RegisterOperationAction(
            operation =>
            {
                var reference = (IParameterReferenceOperation)operation.Operation;
                var declaring = reference.Parameter.ContainingSymbol;
                if (declaring is IMethodSymbol { MethodKind: MethodKind.Constructor }
                    && declaring.ContainingType.Is(type)
                    && operation.ContainingSymbol is IMethodSymbol user && !user.Is(declaring))
                {
                    var isWritten = reference.IsWritten();
                    written.AddOrUpdate(reference.Parameter, isWritten, (_, before) => before || isWritten);
                }
            },
            OperationKind.ParameterReference);

        context.RegisterSymbolEndAction(end =>
        {
            foreach (var captured in written)
            {
                var parameter = captured.Key;
                if (known.IsCell(parameter.Type))
                {
                    continue;
                }

                if (captured.Value)
                {
                    end.ReportDiagnostic(Create(Descriptors.HiddenField, parameter));
                }
                else if (MutableContents.AreHidden(parameter.Type, known))
                {
                    end.ReportDiagnostic(Create(Descriptors.HiddenContents, parameter, Name(parameter.Type)));
                }
            }
        });
    }

    private static string Name(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    private static Diagnostic Create(DiagnosticDescriptor rule, ISymbol symbol, params string[] more) =>
        Diagnostic.Create(rule, symbol.Locations[0], [symbol.Name, .. more]);
}
