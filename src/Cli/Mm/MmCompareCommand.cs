using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Scripts;
using Spectre.Console;

namespace RcuModel.Cli.Mm;

/// <summary>
/// <c>mm compare</c>: runs scripts on the model and on the kernel of this machine, and shows the first one that they disagree
/// about, made as small as it gets.
/// </summary>
internal sealed class MmCompareCommand
{
    private const string SavedUsually = "rcumodel-difference.mm";
    private const int WidthUsually = 120;

    // What a script maps that is not anonymous.
    private const string FileWord = "file";
    private const ulong SeedUsually = 1;

    // What the kernel does to huge pages it does as well as it can.
    private const int RetriesOfBestEffort = 2;

    private static readonly ScriptGeneratorOptions s_usual = new();

    private static readonly Dictionary<string, ScriptVerb> s_verbs = Enum.GetValues<ScriptVerb>()
        .Where(static verb => verb is not (ScriptVerb.Dump or ScriptVerb.Mmap))
        .ToDictionary(ScriptOperation.WordOf, StringComparer.Ordinal);

    private static readonly Dictionary<string, Advice> s_advice = Enum.GetValues<Advice>()
        .ToDictionary(ScriptOperation.WordOf, StringComparer.Ordinal);

    private readonly Argument<string?> _file = new("file")
    {
        Description = "A script to compare instead of random ones; - for standard input.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<long?> _scripts = Choices.Number("--scripts", "N", 1, 100_000_000, "Random scripts. 100 unless given.");

    private readonly Option<ulong?> _seed = Choices.Seed("--seed", "Which random scripts. 1 unless given.");

    private readonly Option<long?> _operations = Choices.Number(
        "--operations", "N", 1, 10_000, "Operations of a script, dumps not counted. 40 unless given.");

    private readonly Option<long?> _processes = Choices.Number(
        "--processes", "N", 1, 200, "Processes that live at the same time, at most. 8 unless given.");

    private readonly Option<string?> _without = new("--without")
    {
        Description = "Operations and advice that do not occur, such as resize,pageout; file for mappings of the file.",
        HelpName = "WORD,...",
    };

    private readonly Option<bool> _shared = new("--ksm") { Description = "Scripts in which KSM shares equal pages." };

    private readonly Option<bool> _large = new("--large") { Description = "Scripts that deal in huge pages." };

    private readonly Option<string?> _oracle = new("--oracle")
    {
        Description = $"The kernel's runner or its directory; where tools/oracle/setup builds it unless given.",
        HelpName = "PATH",
    };

    private readonly Option<bool> _kernelOnly = new("--kernel-only")
    {
        Description = "Compare the kernel with itself, to see that its answers depend on the scripts alone.",
    };

    private readonly Option<bool> _pages = new("--pages")
    {
        Description = "Compare anonymous pages only: which are the same, mapcounts. What merges, and what the reverse map has, is the design's own affair.",
    };

    private readonly Option<string?> _save = new("--save")
    {
        Description = $"Where the script of a difference is written. {SavedUsually} unless given.",
        HelpName = "FILE",
    };

    private readonly Option<long?> _width = Choices.Number(
        "--width", "N", SideBySide.WidthMin, SideBySide.WidthMax, "Columns for the two sides. 120 unless given.");

    private readonly Option<bool> _json = Choices.Json();

    private readonly ModelChoice _model = new();

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new MmCompareCommand();
        var verb = new Command("compare", "Compares the model with the kernel of this machine, line by line, on random scripts.");
        verb.Arguments.Add(options._file);
        foreach (Option option in new Option[]
        {
            options._scripts, options._seed, options._operations, options._processes, options._without, options._large, options._shared, options._oracle,
            options._kernelOnly, options._pages, options._save, options._width, options._json,
        })
        {
            verb.Options.Add(option);
        }

        options._model.AddTo(verb);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        IReadOnlyList<MmScript>? given = line.GetValue(_file) is { } file ? [MmRunCommand.Load(line, file, surroundings)] : null;
        long count = given?.Count ?? line.GetValue(_scripts) ?? 100;
        ulong seed = line.GetValue(_seed) ?? SeedUsually;
        ScriptGeneratorOptions options = Wishes(line);
        var generator = new ScriptGenerator(options);
        MmScript Script(long number) => given?[0] ?? generator.Generate(unchecked(seed * 1_000_003 + (ulong)number));

        Func<IScriptMachine> machine = _model.MachinesOf(line);
        bool kernelOnly = line.GetValue(_kernelOnly);
        Screen? screen = line.GetValue(_json) ? null : Screen.Of(surroundings, noColor: false);
        var clock = Stopwatch.StartNew();
        try
        {
            using KernelOracle kernel = KernelOracle.Open(line.GetValue(_oracle));
            int retries = options.LargeFolios ? RetriesOfBestEffort : 0;
            bool pages = line.GetValue(_pages);
            Comparison comparison = kernelOnly
                ? new(kernel.Run, kernel.Run) { Retries = retries, PagesOnly = pages }
                : new(kernel.Run, machine) { Retries = retries, PagesOnly = pages };
            long done = 0;
            Difference? found = null;
            Difference? smallest = null;
            int tries = 0;

            void CompareAll()
            {
                for (; done < count && found is null && !surroundings.Cancellation.IsCancellationRequested; done++)
                {
                    screen?.Doing(string.Create(CultureInfo.InvariantCulture, $"{done:N0} of {count:N0} scripts"), (double)done / count);
                    found = comparison.Compare(Script(done));
                }

                if (found is null)
                    return;
                screen?.Doing(string.Create(CultureInfo.InvariantCulture, $"script {done:N0} differs: making it smaller"), null);
                smallest = Minimised(found, comparison, surroundings.Cancellation, out tries);
            }

            if (screen is null)
                CompareAll();
            else
                screen.During(CompareAll);

            string? saved = smallest is null ? null : Save(line.GetValue(_save) ?? SavedUsually, smallest.Script);
            int code = smallest is not null ? ExitCodes.Violated : done < count ? ExitCodes.Budget : ExitCodes.Holds;
            var result = new JsonMmCompare(
                done, count, given is null ? seed : null, options.Operations, options.Processes, KernelName, JsonMmCompare.WordOf(code),
                code, Json.Seconds(clock.Elapsed), comparison.AskedAgain, JsonMmCompare.Detail.Of(done, found, smallest, tries, saved));
            if (screen is null)
                Json.Write(surroundings.Out, result);
            else
                Show(screen, result, smallest, kernelOnly ? "kernel again" : "model", (int)(line.GetValue(_width) ?? WidthUsually));
            return code;
        }
        catch (OracleException problem)
        {
            throw new UsageException(problem.Message.StartsWith("oracle: ", StringComparison.Ordinal) ? problem.Message[8..] : problem.Message);
        }
    }

    private static string KernelName => $"Linux {Environment.OSVersion.Version.ToString(3)}";

    private ScriptGeneratorOptions Wishes(ParseResult line)
    {
        var verbs = new List<ScriptVerb>();
        var advice = new List<Advice>();
        bool withoutFile = false;
        foreach (string word in (line.GetValue(_without) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (s_verbs.TryGetValue(word, out ScriptVerb verb))
                verbs.Add(verb);
            else if (s_advice.TryGetValue(word, out Advice piece))
                advice.Add(piece);
            else if (word == FileWord)
                withoutFile = true;
            else
            {
                throw new UsageException(
                    $"--without knows nothing called \"{word}\""
                    + Nearest.Hint(word, [.. s_verbs.Keys, .. s_advice.Keys, FileWord], "docs/mm-scripts.md has them all"));
            }
        }

        return new ScriptGeneratorOptions
        {
            Operations = (int)(line.GetValue(_operations) ?? s_usual.Operations),
            Processes = (int)(line.GetValue(_processes) ?? s_usual.Processes),
            LargeFolios = line.GetValue(_large),
            SharedPages = line.GetValue(_shared),
            WithoutVerbs = verbs,
            WithoutAdvice = advice,
            WithoutFile = withoutFile,
        };
    }

    // A difference that does not come again, because an answer depends on more than the script, is shown as it was found.
    private static Difference Minimised(Difference found, Comparison comparison, CancellationToken cancellation, out int tries)
    {
        Difference smallest = found;
        bool Stays(MmScript script)
        {
            if (cancellation.IsCancellationRequested || comparison.Compare(script) is not { } difference)
                return false;
            smallest = difference;
            return true;
        }

        var minimiser = new ScriptMinimiser(Stays);
        try
        {
            minimiser.Minimise(found.Script);
        }
        catch (ArgumentException)
        {
            // It did not stay.
        }

        tries = minimiser.Tries;
        return smallest;
    }

    private static string Save(string file, MmScript script)
    {
        try
        {
            File.WriteAllText(file, script.ToString());
            return file;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--save: {file} cannot be written: {failure.Message}");
        }
    }

    private static void Show(Screen screen, JsonMmCompare result, Difference? difference, string side, int width)
    {
        if (difference is null || result.Difference is not { } detail)
        {
            string scripts = result.Compared == 1 ? "1 script" : string.Create(CultureInfo.InvariantCulture, $"{result.Compared:N0} scripts");
            string how = result.Seed is { } seed
                ? string.Create(CultureInfo.InvariantCulture, $" of {result.Operations} operations, seed {seed}")
                : "";
            bool whole = result.ExitCode == ExitCodes.Holds;
            string again = result.AskedAgain == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {result.AskedAgain:N0} asked again");
            screen.Line(
                whole ? "no difference" : "no difference so far", whole ? Color.Green : Color.Yellow,
                string.Create(CultureInfo.InvariantCulture, $" from {result.Kernel}: {scripts}{how}{again}, {result.Seconds:0.0} s"));
            return;
        }

        screen.Line(
            "different", Color.Red,
            string.Create(
                CultureInfo.InvariantCulture,
                $" from {result.Kernel}: script {detail.Number:N0} of {result.Scripts:N0}, "
                + $"{detail.OperationsBefore} operations and dumps made {difference.Script.Operations.Count} in {detail.Tries:N0} tries"));
        screen.Line("");
        foreach (ScriptOperation operation in difference.Script.Operations)
            screen.Line($"  {operation}");
        screen.Line("");
        foreach (string row in SideBySide.Draw(difference.Kernel, difference.Machine, "kernel", side, width).TrimEnd('\n').Split('\n'))
            screen.Line(row, row.StartsWith('>') ? Color.Red : Color.Default, "");
        screen.Line("");
        screen.Line($"script: {detail.File}");
    }
}
