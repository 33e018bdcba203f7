using System.CommandLine;
using RcuModel.Cli.Selecting;
using RcuModel.Contention;

namespace RcuModel.Cli.Bench;

/// <summary>The options that say how large a measurement is, and of which designs.</summary>
internal sealed class BenchOptions
{
    private static readonly ContentionOptions s_usual = new();

    private readonly Option<string[]> _designs = Names("--design", "A design, or several with commas between them. All that are safe unless given.");

    private readonly Option<long?> _threads = Choices.Number("--threads", "N", 1, 256, $"Threads. {s_usual.Threads} unless given.");

    private readonly Option<long?> _width = Choices.Number("--width", "N", 1, 1000, $"Children of each process. {s_usual.Width} unless given.");

    private readonly Option<long?> _depth = Choices.Number("--depth", "N", 1, 12, $"Generations below the first process. {s_usual.Depth} unless given.");

    private readonly Option<long?> _vmas = Choices.Number("--vmas", "N", 1, 10_000, $"VMAs of each process. {s_usual.Vmas} unless given.");

    private readonly Option<long?> _pages = Choices.Number("--pages", "N", 2, 1_000_000, $"Pages of each process, at least two for each VMA. {s_usual.Pages} unless given.");

    private readonly Option<long?> _remaps = Choices.Number(
        "--remaps", "PERCENT", 0, 100, $"VMAs that were moved before anybody forked, and moves among changes of VMAs. {s_usual.Remaps} unless given.");

    private readonly Option<long?> _exclusive = Choices.Number(
        "--exclusive", "PERCENT", 0, 100, $"Pages that each child writes, so that it has them for itself. {s_usual.Exclusive} unless given.");

    private readonly Option<long?> _large = Choices.Number(
        "--large", "PERCENT", 0, 100, $"VMAs that are of large folios before anybody forks. {s_usual.Large} unless given.");

    private readonly Option<ulong?> _seed = Choices.Seed(
        "--seed", "For what threads do by chance; when they do it is decided by the hardware. 1 unless given.");

    public IEnumerable<Option> All => [_designs, _threads, _width, _depth, _vmas, _pages, _remaps, _exclusive, _large, _seed];

    /// <summary>An option with names, which may be given with commas between them.</summary>
    public static Option<string[]> Names(string name, string description) =>
        new(name) { Description = description, HelpName = "NAME,...", AllowMultipleArgumentsPerToken = false };

    /// <summary>The things of the names; null if none was given.</summary>
    /// <exception cref="UsageException">There is nothing of such a name.</exception>
    public static IReadOnlyList<T>? Named<T>(ParseResult line, Option<string[]> option, IReadOnlyList<T> all, Func<T, string> nameOf)
        where T : class
    {
        if (line.GetValue(option) is not { Length: > 0 } given)
            return null;
        return
        [
            .. given.SelectMany(static names => names.Split(',', StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal).Select(
                name => all.FirstOrDefault(one => nameOf(one) == name) ?? throw new UsageException(
                    $"{option.Name} knows nothing called \"{name}\"{Nearest.Hint(name, all.Select(nameOf), $"there are {string.Join(", ", all.Select(nameOf))}")}")),
        ];
    }

    /// <summary>Which designs are measured.</summary>
    /// <exception cref="UsageException">There is none of such a name.</exception>
    public IReadOnlyList<ContentionDesign> DesignsOf(ParseResult line) =>
        Named(line, _designs, ContentionDesign.All, static design => design.Name) ?? ContentionDesign.Usual;

    /// <summary>How large the measurement is; of a sweep, how large all is that does not grow, which must still be required to fit.</summary>
    /// <exception cref="UsageException">The sizes do not fit together.</exception>
    public ContentionOptions Of(ParseResult line, Surroundings surroundings, SweepOver? over = null)
    {
        var options = new ContentionOptions
        {
            Threads = (int)(line.GetValue(_threads) ?? s_usual.Threads),
            Width = (int)(line.GetValue(_width) ?? s_usual.Width),
            Depth = (int)(line.GetValue(_depth) ?? s_usual.Depth),
            Vmas = (int)(line.GetValue(_vmas) ?? s_usual.Vmas),
            Pages = (int)(line.GetValue(_pages) ?? s_usual.Pages),
            Remaps = (int)(line.GetValue(_remaps) ?? s_usual.Remaps),
            Exclusive = (int)(line.GetValue(_exclusive) ?? s_usual.Exclusive),
            Large = (int)(line.GetValue(_large) ?? s_usual.Large),
            Seed = line.GetValue(_seed) ?? s_usual.Seed,
            Cancellation = surroundings.Cancellation,
        };
        if (over is null)
            Require(options);
        return options;
    }

    /// <summary>Refuses sizes that do not fit together.</summary>
    /// <exception cref="UsageException">They do not.</exception>
    public static void Require(ContentionOptions options)
    {
        if (options.Pages < 2 * options.Vmas)
            throw new UsageException($"--pages {options.Pages} is less than two for each of {options.Vmas} VMAs (--vmas)");
        double leaves = Math.Pow(options.Width, options.Depth);
        if (options.Threads > leaves)
            throw new UsageException($"--threads {options.Threads} needs as many leaves of the tree, but --width {options.Width} and --depth {options.Depth} make {leaves:0}");
        if (leaves * options.Pages > 20_000_000)
            throw new UsageException($"--width {options.Width}, --depth {options.Depth} and --pages {options.Pages} make more than 20,000,000 mapped pages");
    }
}
