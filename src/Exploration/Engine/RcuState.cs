using RcuModel.Exploration.Reduction;

namespace RcuModel.Exploration.Engine;

/// <summary>A specification of RCU in an execution: who reads, and what grace periods and readers publish to one another.</summary>
internal sealed class RcuState
{
    private readonly ushort[]?[] _ended = new ushort[Clock.Lanes][];
    private uint _haveEnded;

    // With store buffers a thread may begin its next reader before the end of the last one is in memory.
    private readonly int[] _open = new int[Clock.Lanes];

    /// <summary>The threads that are in a reader, as bits.</summary>
    public uint Readers { get; private set; }

    /// <summary>What a reader that begins now comes after: all that was done before grace periods that have begun.</summary>
    public readonly ushort[] Begun = new ushort[Clock.Lanes];

    public void Reset()
    {
        Readers = 0;
        Array.Clear(_open);
        _haveEnded = 0;
        Clock.Fill(ref Begun[0], 0);
    }

    /// <summary>How many readers of a thread have begun and not ended.</summary>
    public int OpenOf(int thread) => _open[thread];

    /// <summary>A reader has begun.</summary>
    public void Begin(int thread)
    {
        _open[thread]++;
        Readers |= 1u << thread;
    }

    /// <summary>A reader has ended: notes what it had done.</summary>
    public void End(int thread, ref ushort published)
    {
        if (--_open[thread] == 0)
            Readers &= ~(1u << thread);
        _haveEnded |= 1u << thread;
        ushort[] row = _ended[thread] ??= new ushort[Clock.Lanes];
        Clock.Copy(ref row[0], ref published);
    }

    /// <summary>Takes in what the readers did that have ended, each thread's last one.</summary>
    public void JoinEnded(ref ushort clock)
    {
        for (uint left = _haveEnded; left != 0; left &= left - 1)
            Clock.Join(ref clock, ref _ended[System.Numerics.BitOperations.TrailingZeroCount(left)]![0]);
    }
}
