using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RcuModel.Exploration;

/// <summary>
/// What an exploration has done and what is left, so that it can go on later: in another process, after a crash. The total
/// and the verdict are those of an exploration that was never interrupted.
/// </summary>
/// <remarks>
/// It fits one body of one build, explored in one way: <see cref="Explorer.Explore"/> refuses it for anything else. The
/// limits on executions and time may differ, and with dpor the number of workers.
/// </remarks>
public sealed class Checkpoint
{
    /// <summary>The version of the format that this build writes, and the only one that it reads.</summary>
    public const int Version = 2;

    // Larger than any exploration writes; a damaged length must not ask for all memory there is.
    private const int StateBytesMax = 1 << 30;
    private const int BoundsMax = 100;
    private const int HashBytes = 32;

    private static readonly byte[] s_magic = Encoding.ASCII.GetBytes("rcumodel exploration ");

    internal Checkpoint(string code, string[] bounds, long executions, TimeSpan elapsed, byte[] state)
    {
        Code = code;
        Bounds = bounds;
        Executions = executions;
        Elapsed = elapsed;
        State = state;
    }

    /// <summary>Executions run so far.</summary>
    public long Executions { get; }

    /// <summary>Time spent so far.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Names the build and the body.</summary>
    internal string Code { get; }

    /// <summary>What the exploration was asked for, as "name=value".</summary>
    internal string[] Bounds { get; }

    /// <summary>What the engine needs.</summary>
    internal byte[] State { get; }

    /// <summary>The checkpoint as bytes, with a check sum.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(s_magic);
            writer.Write(Version);
            writer.Write(Code);
            writer.Write(Bounds.Length);
            foreach (string bound in Bounds)
                writer.Write(bound);
            writer.Write(Executions);
            writer.Write(Elapsed.Ticks);
            writer.Write(State.Length);
            writer.Write(State);
        }

        byte[] content = stream.ToArray();
        return [.. content, .. SHA256.HashData(content)];
    }

    /// <summary>Reads what <see cref="ToBytes"/> has made.</summary>
    /// <param name="bytes">All of it.</param>
    /// <exception cref="InvalidDataException">It is damaged, foreign or of another version; the message says which.</exception>
    public static Checkpoint FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(s_magic) || bytes.Length < s_magic.Length + sizeof(int) + HashBytes)
            throw new InvalidDataException("it is no checkpoint of an exploration, or cut off at its beginning");
        int version = BitConverter.ToInt32(bytes[s_magic.Length..]);
        if (version != Version)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"it has version {version} of the format, and this build reads version {Version}"));
        }

        ReadOnlySpan<byte> content = bytes[..^HashBytes];
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes[^HashBytes..]))
            throw new InvalidDataException("it is damaged or cut off: its check sum is wrong");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(content[(s_magic.Length + sizeof(int))..].ToArray()), Encoding.UTF8);
            string code = reader.ReadString();
            string[] bounds = new string[CheckedCount(reader.ReadInt32(), BoundsMax)];
            for (int b = 0; b < bounds.Length; b++)
                bounds[b] = reader.ReadString();
            long executions = reader.ReadInt64();
            var elapsed = TimeSpan.FromTicks(reader.ReadInt64());
            byte[] state = reader.ReadBytes(CheckedCount(reader.ReadInt32(), StateBytesMax));
            return new Checkpoint(code, bounds, executions, elapsed, state);
        }
        catch (Exception malformed) when (malformed is EndOfStreamException or ArgumentException or FormatException)
        {
            throw new InvalidDataException("it is damaged", malformed);
        }
    }

    /// <summary>A count that was read; it must be possible.</summary>
    internal static int CheckedCount(int count, int max) =>
        (uint)count <= (uint)max ? count : throw new InvalidDataException("it is damaged");

    /// <summary>Throws unless it belongs to this build, this body and these bounds.</summary>
    internal void Require(string code, string[] bounds)
    {
        if (!string.Equals(code, Code, StringComparison.Ordinal))
            throw new InvalidDataException("the code has changed since it was written, or it is of another body");
        if (bounds.SequenceEqual(Bounds, StringComparer.Ordinal))
            return;
        string then = string.Join(", ", Bounds.Except(bounds, StringComparer.Ordinal));
        string now = string.Join(", ", bounds.Except(Bounds, StringComparer.Ordinal));
        throw new InvalidDataException($"it was written with {then}, and this exploration has {now}");
    }
}
