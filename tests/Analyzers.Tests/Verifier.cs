using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace RcuModel.Analyzers.Tests;

/// <summary>Runs all analyzers over a source and compares what they report with the marks in it.</summary>
/// <remarks>
/// A mark is written <c>{|RCU001:text|}</c> and does not nest. All analyzers run each time, so a test also shows that
/// no other rule complains about the same code.
/// </remarks>
internal static class Verifier
{
    private const string Usings = """
        using System;
        using System.Collections.Concurrent;
        using System.Collections.Frozen;
        using System.Collections.Generic;
        using System.Collections.Immutable;
        using System.Linq;
        using System.Runtime.CompilerServices;
        using System.Text;
        using System.Threading.Tasks;
        using RcuModel.Primitives;

        """;

    private static readonly CSharpParseOptions s_parseOptions =
        CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);

    private static readonly CSharpCompilationOptions s_options = new(
        OutputKind.DynamicallyLinkedLibrary,
        nullableContextOptions: NullableContextOptions.Enable,
        allowUnsafe: true);

    private static readonly ImmutableArray<MetadataReference> s_framework =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly Lazy<MetadataReference> s_primitives =
        new(() => Emit("RcuModel.Primitives", Stubs.Primitives));

    private static readonly ImmutableArray<DiagnosticAnalyzer> s_analyzers =
        [.. typeof(StateAnalyzer).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];

    public static IEnumerable<DiagnosticDescriptor> Rules =>
        s_analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics);

    /// <summary>Checks a source in an assembly that is marked [ModelCode].</summary>
    public static Task ModelCode(string marked, params MetadataReference[] references) =>
        Check(Usings + "[assembly: ModelCode]\n" + marked, references);

    /// <summary>Checks a source in an assembly that is not marked; its types may be.</summary>
    public static Task OtherCode(string marked, params MetadataReference[] references) =>
        Check(Usings + marked, references);

    /// <summary>Compiles an assembly that is marked [ModelCode] for others to refer to.</summary>
    public static MetadataReference ModelAssembly(string source) =>
        Emit("Model", Usings + "[assembly: ModelCode]\n" + source, s_primitives.Value);

    private static async Task Check(string marked, MetadataReference[] references)
    {
        var (source, expected) = Unmark(marked);
        var compilation = Compile("Subject", source, [s_primitives.Value, .. references]);
        var withAnalyzers = compilation.WithAnalyzers(s_analyzers, new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]),
            onAnalyzerException: (exception, analyzer, _) => Assert.Fail($"{analyzer}: {exception}"),
            concurrentAnalysis: true,
            logAnalyzerExecutionTime: false));

        var reported = await withAnalyzers.GetAnalyzerDiagnosticsAsync();
        Assert.Equal(
            Lines(expected, source),
            Lines(reported.Select(diagnostic => (diagnostic.Id, diagnostic.Location.SourceSpan)), source));
    }

    private static MetadataReference Emit(string name, string source, params MetadataReference[] references)
    {
        using var image = new MemoryStream();
        var result = Compile(name, source, references).Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return MetadataReference.CreateFromImage(image.ToArray());
    }

    private static CSharpCompilation Compile(string name, string source, MetadataReference[] references)
    {
        var tree = CSharpSyntaxTree.ParseText(source, s_parseOptions);
        var compilation = CSharpCompilation.Create(name, [tree], [.. s_framework, .. references], s_options);

        // Analyzers see erroneous code too, but a test that does not compile shows something else than it says.
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return compilation;
    }

    private static (string Source, List<(string Id, TextSpan Span)> Expected) Unmark(string marked)
    {
        var source = new StringBuilder();
        var expected = new List<(string, TextSpan)>();
        var position = 0;
        for (int open; (open = marked.IndexOf("{|", position, StringComparison.Ordinal)) >= 0;)
        {
            var colon = marked.IndexOf(':', open);
            var close = marked.IndexOf("|}", colon, StringComparison.Ordinal);
            source.Append(marked, position, open - position);
            expected.Add((marked[(open + 2)..colon], new TextSpan(source.Length, close - colon - 1)));
            source.Append(marked, colon + 1, close - colon - 1);
            position = close + 2;
        }

        return (source.Append(marked, position, marked.Length - position).ToString(), expected);
    }

    private static string Lines(IEnumerable<(string Id, TextSpan Span)> diagnostics, string source)
    {
        var text = SourceText.From(source);
        return string.Join('\n', diagnostics
            .OrderBy(diagnostic => diagnostic.Span)
            .ThenBy(diagnostic => diagnostic.Id, StringComparer.Ordinal)
            .Select(diagnostic =>
            {
                var at = text.Lines.GetLinePosition(diagnostic.Span.Start);
                return $"{at} {diagnostic.Id} {text.ToString(diagnostic.Span)}";
            }));
    }
}
