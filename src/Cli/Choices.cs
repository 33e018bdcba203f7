using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;

namespace RcuModel.Cli;

/// <summary>Options with a value, each of which refuses a bad one in a line of its own.</summary>
internal static class Choices
{
    public const string ExplorerName = "explorer";

    public const string CoyoteName = "coyote";

    public static readonly IReadOnlyDictionary<string, EngineKind> Engines =
        new SortedDictionary<string, EngineKind>(StringComparer.Ordinal)
        {
            [ExplorerName] = EngineKind.Explorer,
            [CoyoteName] = EngineKind.Coyote,
        };

    public static readonly IReadOnlyDictionary<string, MemoryModel> MemoryModels =
        new SortedDictionary<string, MemoryModel>(StringComparer.Ordinal)
        {
            ["sc"] = MemoryModel.Sc,
            ["tso"] = MemoryModel.Tso,
        };

    /// <summary>A whole number.</summary>
    public static Option<long?> Number(string name, string unit, long min, long max, string description) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result => Parse<long>(result, name, token =>
            long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                && number >= min && number <= max
                ? number
                : null,
            max == long.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"a whole number from {min}")
                : string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}")),
    };

    /// <summary>A seed: any 64 bits.</summary>
    public static Option<ulong?> Seed(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Parse<ulong>(result, name, token =>
            ulong.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed : null,
            "a whole number from 0"),
    };

    /// <summary>A time, in seconds.</summary>
    public static Option<TimeSpan?> Seconds(string name, string description, bool orZero = false) => new(name)
    {
        Description = description,
        HelpName = "SECONDS",
        CustomParser = result => Parse<TimeSpan>(result, name, token =>
            double.TryParse(token, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
                && (seconds is > 0 and <= 1e9 || (orZero && seconds == 0))
                ? TimeSpan.FromSeconds(seconds)
                : null,
            orZero ? "a number of seconds, or 0" : "a number of seconds above 0"),
    };

    /// <summary>Where counterexamples are kept.</summary>
    public static Option<string?> Traces() => new("--traces")
    {
        Description = "Where the trace of each violation is written, for \"replay\"; \"none\" for nowhere. "
            + $"{Surroundings.TracesUsually} unless given.",
        HelpName = "DIR",
    };

    /// <summary>What a memory model is called.</summary>
    public static string NameOf(MemoryModel memory) => MemoryModels.First(pair => pair.Value == memory).Key;

    /// <summary>An engine by name.</summary>
    public static Option<EngineKind?> Engine(string description) =>
        OneOf("--engine", Engines, "explorer|coyote", "explorer or coyote", description);

    /// <summary>A strategy by name; which names there are depends on the engine.</summary>
    public static Option<string?> Strategy(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "NAME" };
        option.CompletionSources.Add([.. Search.OfExplorer.Keys.Union(Search.OfCoyote.Keys, StringComparer.Ordinal)]);
        return option;
    }

    /// <summary>The strategy of a name; null for none.</summary>
    /// <exception cref="UsageException">The engine has none of this name.</exception>
    public static Search? StrategyOf(string? given, bool coyote)
    {
        if (given is null)
            return null;
        if ((coyote ? Search.OfCoyote : Search.OfExplorer).TryGetValue(given, out Search strategy))
            return strategy;
        string wanted = coyote
            ? $"random, pct, fair-pct, probabilistic, delay, qlearning or dfs with --engine {CoyoteName}"
            : "dpor, dfs, random or pct";
        throw new UsageException($"--strategy takes {wanted}, not \"{given}\"; \"{Tool.Name} --help\" has examples");
    }

    /// <summary>A memory model by name.</summary>
    public static Option<MemoryModel?> Memory(string name, string description) =>
        OneOf(name, MemoryModels, "sc|tso", "sc or tso", description);

    private static Option<T?> OneOf<T>(
        string name, IReadOnlyDictionary<string, T> values, string help, string wanted, string description)
        where T : struct
    {
        var option = new Option<T?>(name)
        {
            Description = description,
            HelpName = help,
            CustomParser = result => Parse<T>(
                result, name, token => values.TryGetValue(token, out T value) ? value : null, wanted),
        };
        option.CompletionSources.Add([.. values.Keys]);
        return option;
    }

    /// <summary>How wide a page is on which a counterexample is drawn.</summary>
    public static Option<long?> Width() => Number(
        "--width", "N", Violation.WidthMin, 10_000, "Draw counterexamples for a page of N columns, such as 72 for a mail.");

    /// <summary>Whether the output is a document.</summary>
    public static Option<bool> Json() => new("--json") { Description = "One JSON document instead of text." };

    /// <summary>Whether a terminal gets no colours.</summary>
    public static Option<bool> NoColor() =>
        new("--no-color") { Description = "No colours on a terminal; so does the environment variable NO_COLOR." };

    /// <summary>Names, groups and patterns.</summary>
    public static Argument<string[]> Names(string description)
    {
        var names = new Argument<string[]>("names")
        {
            Description = description,
            HelpName = "NAME|GROUP|PATTERN",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.CompletionSources.Add(static _ => Selection.BuiltIn.ValidNames.Select(
            static name => new System.CommandLine.Completions.CompletionItem(name)));
        return names;
    }

    /// <summary>The option that names guests.</summary>
    public const string AssemblyName = "--assembly";

    /// <summary>Assemblies that are not the tool's.</summary>
    public static Option<string[]> Assemblies() => new(AssemblyName)
    {
        Description = "A .NET assembly with alternatives or scenarios of your own; may be given more than once. See docs/prototyping.md.",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = false,
    };

    private static T? Parse<T>(ArgumentResult result, string name, Func<string, T?> parse, string wanted)
        where T : struct
    {
        string token = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        T? value = parse(token);
        if (value is null)
            result.AddError($"{name} takes {wanted}, not \"{token}\"");
        return value;
    }
}
