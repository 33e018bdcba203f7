using System.Globalization;
using System.Text;

namespace RcuModel.Exploration.Traces;

/// <summary>Reads no more than it must, and writes so that nobody ever sees half a file.</summary>
internal static class TraceFile
{
    public static byte[] Read(string path)
    {
        using FileStream file = File.OpenRead(path);

        // What has no length, such as a pipe or /dev/zero, must not fill memory either.
        var bytes = new MemoryStream();
        byte[] block = new byte[1 << 16];
        for (int read; (read = file.Read(block)) > 0;)
        {
            bytes.Write(block, 0, read);
            if (bytes.Length > ExecutionTrace.BytesMax)
            {
                throw new TraceFormatException(
                    string.Create(CultureInfo.InvariantCulture, $"it is larger than {ExecutionTrace.BytesMax >> 20} MiB, so it is no trace"));
            }
        }

        return bytes.ToArray();
    }

    public static void Write(string path, string text)
    {
        string target = Path.GetFullPath(path);
        if (Path.GetDirectoryName(target) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        string? beside = null;
        try
        {
            using (FileStream file = CreateBeside(target))
            {
                beside = file.Name;
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, target, overwrite: true);
            beside = null;
        }
        finally
        {
            if (beside is not null)
                File.Delete(beside);
        }
    }

    // In the same folder, or the move would be a copy. Two processes, or two threads, may be writing the same trace.
    private static FileStream CreateBeside(string target)
    {
        for (int attempt = 0; ; attempt++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{target}.{Environment.ProcessId}-{attempt}.tmp");
            try
            {
                return new FileStream(name, FileMode.CreateNew, FileAccess.Write);
            }
            catch (IOException) when (File.Exists(name))
            {
                // Somebody else's; it will be gone soon, or is left from a process that was killed.
            }
        }
    }
}
