using System.CommandLine;

namespace RcuModel.Cli.Bench;

/// <summary>A page with plots, in a file that the user names.</summary>
internal static class HtmlFile
{
    /// <summary>Where it is to be.</summary>
    public static Option<string?> Option() => new("--html")
    {
        Description = "Where to write a page with plots too, which needs nothing but itself.",
        HelpName = "FILE",
    };

    /// <summary>Writes it, if a file was named. An empty one before minutes of measuring shows whether that can be done.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void Write(string? file, string text)
    {
        if (file is null)
            return;
        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--html: {file} cannot be written: {failure.Message}");
        }
    }
}
