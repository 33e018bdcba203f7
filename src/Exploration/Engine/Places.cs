using RcuModel.Exploration.Reduction;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// The locations of a machine by their places. A place is a number made of (the thread that made the location, its n-th
/// one), so that it means the same in every execution and in every machine that explores the body; 0 is none.
/// </summary>
internal sealed class Places
{
    /// <summary>Bits that count what a thread has made.</summary>
    public const int OrdinalBits = 19;

    /// <summary>Bits that number the thread.</summary>
    public const int ThreadBits = 5;

    /// <summary>The most that a thread can make.</summary>
    public const int OrdinalMax = (1 << OrdinalBits) - 1;

    private readonly Location?[][] _made = new Location?[Clock.Lanes][];

    public Places()
    {
        for (int t = 0; t < _made.Length; t++)
            _made[t] = new Location?[16];
    }

    /// <summary>With store buffers: where a thread's stores into its buffer meet the barriers that others cause there.</summary>
    public static int BufferOf(int thread) => Of(thread + 1, 1);

    /// <summary>With store buffers: where process-wide fences meet one another.</summary>
    public static int ProcessWideFences => Of(1, 2);

    /// <summary>With store buffers: whether a place is that of a buffer.</summary>
    public static bool IsBuffer(int place) => (place & ((1 << OrdinalBits) | OrdinalMax)) == ((1 << OrdinalBits) | 1);

    public static int Of(int maker, int ordinal) => (maker << OrdinalBits) | ordinal;

    /// <summary>The location at a place, which must have been made.</summary>
    public Location this[int place] => _made[place >> OrdinalBits][place & OrdinalMax]!;

    /// <summary>
    /// The location at a place. It is made at the first call: a prefix that another machine began speaks of locations that no
    /// execution of this one has come to yet.
    /// </summary>
    public Location Make(int place)
    {
        ref Location?[] made = ref _made[place >> OrdinalBits];
        int ordinal = place & OrdinalMax;
        if (ordinal >= made.Length)
            Array.Resize(ref made, Math.Max(made.Length * 2, ordinal + 1));
        return made[ordinal] ??= new Location(place);
    }
}
