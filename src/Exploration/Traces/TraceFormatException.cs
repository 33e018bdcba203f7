namespace RcuModel.Exploration;

/// <summary>What was read is no trace that can be replayed. The message is one line that says why.</summary>
#pragma warning disable CA1032 // It is made from that line, never without.
public sealed class TraceFormatException : FormatException
{
    internal TraceFormatException(string line, Exception? cause = null)
        : base(line, cause)
    {
    }
}
