namespace RcuModel.Exploration.Stress;

/// <summary>What one thread did in one run: when, and which branches it took.</summary>
internal sealed class StressLog
{
    private long[] _times = new long[256];
    private readonly List<ushort> _choices = [];

    /// <summary>How many operations it did.</summary>
    public int Count { get; private set; }

    public long TimeOf(int n) => _times[n];

    /// <summary>The branches of its choices, in order.</summary>
    public IReadOnlyList<ushort> Choices => _choices;

    public void Clear()
    {
        Count = 0;
        _choices.Clear();
    }

    public void Add(long time)
    {
        if (Count == _times.Length)
            Array.Resize(ref _times, Count * 2);
        _times[Count++] = time;
    }

    public void AddChoice(int branch) => _choices.Add((ushort)branch);
}
