using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;

namespace RcuModel.Cli.Checkpoints;

/// <summary>
/// What a check has done and where it is, in a file that is whole at any moment: the same command goes on from it, however
/// the process has ended.
/// </summary>
/// <remarks>
/// The first line names the format, its version and the check sum of the rest, which is one JSON document. What is violated
/// is not kept: it is explored again, which ends at the first violation, and gives the same counterexample.
/// </remarks>
internal sealed class CheckpointFile
{
    /// <summary>The version that this build writes, and the only one that it reads.</summary>
    public const int Version = 1;

    /// <summary>Why one that was written by another build is refused.</summary>
    public const string CodeHasChanged = "the code has changed since it was written";

    private const string Magic = "rcumodel checkpoint ";
    private const long BytesMax = 1L << 31;

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly string _path;
    private readonly Action<string> _problem;
    private readonly string _code;
    private readonly string[] _items;
    private readonly List<Done> _done = [];
    private Current? _current;
    private bool _failed;

    private CheckpointFile(string path, IReadOnlyList<Item> items, IEnumerable<Guid> guests, Action<string> problem)
    {
        _problem = problem;
        _path = path;
        _items = [.. items.Select(static item => item.Name)];
        _code = CodeVersion.Of(guests);
    }

    /// <summary>Whether there was something to go on from.</summary>
    public bool GoesOn { get; private set; }

    /// <summary>Opens a file: goes on from it if it is there, and otherwise makes sure that it can be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="items">What is checked.</param>
    /// <param name="guests">What the code is that is not the tool's.</param>
    /// <param name="problem">Told in a line, once, why it cannot be written any more.</param>
    /// <exception cref="UsageException">It is no checkpoint, damaged, of other code or another check, or cannot be written.</exception>
    public static CheckpointFile Open(string path, IReadOnlyList<Item> items, IEnumerable<Guid> guests, Action<string> problem)
    {
        var file = new CheckpointFile(path, items, guests, problem);
        try
        {
            if (File.Exists(path))
                file.Load();
            else
                file.Write();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--checkpoint: \"{path}\" cannot be {(File.Exists(path) ? "read" : "written")}: {InOneLine(failure.Message)}");
        }

        return file;
    }

    /// <summary>What came of an exploration that has been done before; null if it has to be run.</summary>
    public ExplorationResult? ResultOf(Item item, StrategyKind strategy) =>
        _done.Find(done => done.Item == item.Name && done.Strategy == strategy)?.ToResult();

    /// <summary>Where an exploration was when it was last written down; null if it has to begin anew.</summary>
    public Checkpoint? PlaceOf(Item item, StrategyKind strategy)
    {
        if (_current is not { } current || current.Item != item.Name || current.Strategy != strategy)
            return null;
        try
        {
            return Checkpoint.FromBytes(current.State);
        }
        catch (InvalidDataException damaged)
        {
            throw Refused(damaged.Message);
        }
    }

    /// <summary>Where an exploration is.</summary>
    public void Save(Item item, StrategyKind strategy, Checkpoint place)
    {
        _current = new Current(item.Name, strategy, place.ToBytes());
        TryWrite();
    }

    /// <summary>An exploration has ended, for a budget or because it is complete.</summary>
    public void Add(Item item, StrategyKind strategy, ExplorationResult result)
    {
        if (result.Verdict != Verdict.Verified)
            return;
        _done.Add(Done.Of(item, strategy, result));
        _current = null;
        TryWrite();
    }

    /// <summary>The whole check has come to its end: there is nothing to go on with.</summary>
    public void Remove()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It says that everything is done, which is true.
        }
    }

    /// <summary>What is wrong with it, as a user's mistake.</summary>
    public UsageException Refused(string why) => Refused(_path, why);

    /// <summary>The same of any such file.</summary>
    public static UsageException Refused(string path, string why) => new($"the checkpoint \"{path}\" cannot be used: {why}; remove it to begin anew");

    private void Load()
    {
        if (new FileInfo(_path).Length > BytesMax)
            throw Refused("it is larger than any checkpoint");
        byte[] bytes = File.ReadAllBytes(_path);
        int end = bytes.AsSpan().IndexOf((byte)'\n');
        string head = end is < 0 or > 200 ? "" : Encoding.ASCII.GetString(bytes.AsSpan(0, end));
        if (!head.StartsWith(Magic, StringComparison.Ordinal))
            throw Refused("it is no checkpoint of rcumodel");
        string[] words = head[Magic.Length..].Split(' ');
        if (words is not [var version, _] || !int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            throw Refused("it is damaged");
        if (number != Version)
        {
            throw Refused(string.Create(
                CultureInfo.InvariantCulture, $"it has version {number} of the format, and this tool reads version {Version}"));
        }

        ReadOnlySpan<byte> content = bytes.AsSpan(end + 1);
        if (words[1] != Convert.ToHexStringLower(SHA256.HashData(content)))
            throw Refused("it is damaged or cut off: its check sum is wrong");
        Document? document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(content, s_json);
        }
        catch (JsonException)
        {
            document = null;
        }

        if (document is not { Code: not null, Items: not null, Done: not null })
            throw Refused("it is damaged");
        if (document.Code != _code)
            throw Refused(CodeHasChanged);
        if (!_items.SequenceEqual(document.Items, StringComparer.Ordinal))
            throw Refused($"it is of a check of {Few(document.Items)}, and this one is of {Few(_items)}");
        _done.AddRange(document.Done);
        _current = document.Current;
        GoesOn = _done.Count > 0 || _current is not null;
    }

    private void TryWrite()
    {
        try
        {
            Write();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (!_failed)
                _problem($"the checkpoint \"{_path}\" is not written: {InOneLine(failure.Message)}");
            _failed = true;
        }
    }

    // Under another name first: whoever reads it finds the old one or the new one.
    private void Write()
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new Document(_code, _items, _done, _current), s_json);
        string head = string.Create(
            CultureInfo.InvariantCulture, $"{Magic}{Version} {Convert.ToHexStringLower(SHA256.HashData(content))}\n");
        string beside = _path + ".new";
        File.WriteAllBytes(beside, [.. Encoding.ASCII.GetBytes(head), .. content]);
        File.Move(beside, _path, overwrite: true);
    }

    private static string Few(IReadOnlyList<string> names) => names.Count <= 3
        ? string.Join(", ", names)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more");

    private static string InOneLine(string text) => text.ReplaceLineEndings(" ");

    private sealed record Document(string Code, IReadOnlyList<string> Items, IReadOnlyList<Done> Done, Current? Current);

    private sealed record Current(string Item, StrategyKind Strategy, byte[] State);

    private sealed record Done(
        string Item, StrategyKind Strategy, long Executions, long? Distinct, long Blocked, long Redundant, long Cut, long Steps,
        long Switches, int Deepest, TimeSpan Elapsed, IReadOnlyList<string> Reached)
    {
        public static Done Of(Item item, StrategyKind strategy, ExplorationResult result) => new(
            item.Name, strategy, result.Executions, result.Distinct, result.Blocked, result.Redundant, result.Cut, result.Steps,
            result.Switches, result.Deepest, result.Elapsed, [.. result.Reached]);

        public ExplorationResult ToResult() => new()
        {
            Verdict = Verdict.Verified,
            Executions = Executions,
            Distinct = Distinct,
            Blocked = Blocked,
            Redundant = Redundant,
            Cut = Cut,
            Steps = Steps,
            Switches = Switches,
            Deepest = Deepest,
            Elapsed = Elapsed,
            Bound = null,
            Reached = Reached,
            Violation = null,
        };
    }
}
