using System.Text.Json;
using System.Text.Json.Serialization;

namespace RcuModel.Cli.Matrix;

/// <summary>What a matrix came to, as it is written, gone on from and compared; docs/verdicts.md has its fields.</summary>
/// <param name="Version">The version of the format.</param>
/// <param name="Code">What code the cells are of: another build does not go on from it.</param>
/// <param name="Alternatives">The columns.</param>
/// <param name="Scenarios">The rows.</param>
/// <param name="Cells">What came of those that are done.</param>
/// <param name="Costs">What workloads cost; none before the end.</param>
internal sealed record MatrixDocument(
    int Version, string Code, IReadOnlyList<string> Alternatives, IReadOnlyList<string> Scenarios,
    IReadOnlyList<MatrixCell> Cells, IReadOnlyList<MatrixCost> Costs)
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const int VersionWritten = 2;

    private const long BytesMax = 64 << 20;

    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public MatrixCell? Find(string alternative, string scenario) =>
        Cells.FirstOrDefault(cell => cell.Alternative == alternative && cell.Scenario == scenario);

    public string ToJson() => JsonSerializer.Serialize(this, s_options);

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">What the user named it with.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static MatrixDocument Load(string path, string option)
    {
        string text = ReadText(path, option);
        try
        {
            MatrixDocument document = JsonSerializer.Deserialize<MatrixDocument>(text, s_options)
                ?? throw new UsageException($"{option}: {path} is no matrix");
            return document.Version == VersionWritten
                ? document
                : throw new UsageException($"{option}: {path} is of version {document.Version}, and this build reads version {VersionWritten}");
        }
        catch (JsonException)
        {
            throw new UsageException($"{option}: {path} is no matrix, or a damaged one");
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">What the user named it with.</param>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static string ReadText(string path, string option)
    {
        try
        {
            return new FileInfo(path).Length <= BytesMax
                ? File.ReadAllText(path)
                : throw new UsageException($"{option}: {path} is too large to be a matrix");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{option}: {path} cannot be read: {failure.Message}");
        }
    }

    /// <summary>Writes it, so that the file is whole at any moment.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">What the user named it with.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public void Save(string path, string option) => Save(path, option, ToJson());

    /// <summary>The same of any text.</summary>
    public static void Save(string path, string option, string text)
    {
        try
        {
            string beside = $"{path}.{Environment.ProcessId}.tmp";
            File.WriteAllText(beside, text + "\n");
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{option}: {path} cannot be written: {failure.Message}");
        }
    }
}
