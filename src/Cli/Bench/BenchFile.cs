namespace RcuModel.Cli.Bench;

/// <summary>A file that a measurement is written to.</summary>
internal static class BenchFile
{
    /// <summary>Makes it anew and writes it.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void Write(string option, string file, Action<Stream> write)
    {
        try
        {
            using FileStream stream = File.Create(file);
            write(stream);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{option}: {file} cannot be written: {failure.Message}");
        }
    }
}
