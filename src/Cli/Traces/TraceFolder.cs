using System.Text;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;

namespace RcuModel.Cli.Traces;

/// <summary>Where <c>check</c> keeps the counterexamples that it finds, a file each; or nowhere.</summary>
internal sealed class TraceFolder
{
    /// <summary>What the option says to keep none.</summary>
    public const string None = "none";

    private readonly string? _folder;

    // What cannot be written once cannot be written a hundred times, and one line about it is enough.
    private bool _gaveUp;

    private TraceFolder(string? folder) => _folder = folder;

    /// <summary>How many traces have been written.</summary>
    public int Written { get; private set; }

    /// <summary>The folder, as the user named it.</summary>
    public string Name => _folder ?? None;

    /// <summary>The folder that is to be used; one that the user asked for must be one that can be written to.</summary>
    /// <param name="asked">What the user said; null for nothing.</param>
    /// <param name="usual">The folder otherwise.</param>
    /// <exception cref="UsageException">There can be no such folder.</exception>
    public static TraceFolder Of(string? asked, string usual)
    {
        if (asked is null)
            return new TraceFolder(usual);
        if (asked == None)
            return new TraceFolder(null);
        if (asked.Length == 0)
            throw new UsageException($"--traces takes a folder, or \"{None}\"");
        try
        {
            Directory.CreateDirectory(asked);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--traces: no traces can be written to \"{asked}\": {failure.Message}");
        }

        return new TraceFolder(asked);
    }

    /// <summary>The name of the file of an item: its own, without what a shell or a file system minds.</summary>
    public static string FileOf(Item item)
    {
        string name = Plain(item.Scenario.Name);
        return item.Fault is { } fault ? $"{name}.{Plain(fault.Name)}.json" : $"{name}.json";
    }

    /// <summary>Keeps the counterexample of a finding, if it has one that can be replayed; the first run that has counts.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="problem">Told in a line why it could not be written.</param>
    /// <returns>The file; null if none was written.</returns>
    public string? Keep(Finding finding, Action<string> problem)
    {
        string? path = Keep(
            finding.Item, finding.Runs.Select(static run => run.Result.Violation?.Trace).FirstOrDefault(static t => t is not null), problem);
        if (path is not null && finding.CoyoteTrace is { } own)
            Write(finding.Item, () => File.WriteAllText(CoyoteFileOf(path), own), problem);
        return path;
    }

    /// <summary>Where Coyote's own trace is, beside a trace.</summary>
    public static string CoyoteFileOf(string path) => Path.ChangeExtension(path, ".coyote.json");

    /// <summary>Keeps a trace, if there is one.</summary>
    /// <param name="item">What it is of.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="problem">Told in a line why it could not be written.</param>
    /// <returns>The file; null if none was written.</returns>
    public string? Keep(Item item, ExecutionTrace? trace, Action<string> problem)
    {
        if (_folder is null || _gaveUp || trace is null)
            return null;
        string path = Path.Combine(_folder, FileOf(item));
        if (!Write(item, () => trace.Save(path), problem))
            return null;
        Written++;
        return path;
    }

    private bool Write(Item item, Action write, Action<string> problem)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _gaveUp = true;
            problem($"the trace of {item.Name} is not written, nor any after it: {failure.Message}");
            return false;
        }
    }

    // ticket-2 and ticket(2) are two scenarios, so brackets become something else than blanks do.
    private static string Plain(string name)
    {
        var plain = new StringBuilder();
        foreach (char c in name)
        {
            char mark = char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : c == ' ' ? '-' : '_';
            plain.Append(mark);
        }

        return plain.ToString().TrimEnd('_');
    }
}
