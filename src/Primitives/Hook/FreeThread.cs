using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace RcuModel.Primitives;

/// <summary>A real thread of a body that nobody controls.</summary>
internal sealed class FreeThread
{
    // By number. One that is not below the length is never known to sleep.
    private static readonly bool[] s_asleep = new bool[4096];

    private readonly Thread _thread;
    private readonly Action _body;
    private ExceptionDispatchInfo? _failure;

    private FreeThread(string name, Action body, bool background)
    {
        _body = body;
        _thread = new Thread(Main) { Name = name, IsBackground = background };
    }

    public static FreeThread Start(string name, Action body, bool background)
    {
        var thread = new FreeThread(name, body, background);
        thread._thread.Start();
        return thread;
    }

#pragma warning disable RS0030 // Nobody controls this thread, so nothing has to be repeatable.
    /// <summary>A number of the calling thread, at least 1, that no other thread has at the same time.</summary>
    public static int Number => Environment.CurrentManagedThreadId;

    /// <summary>A clock as coarse as the kernel's jiffies.</summary>
    public static long Milliseconds => Environment.TickCount64;

    /// <summary>A clock for waits that are shorter.</summary>
    public static long Microseconds => (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;

    public static int Choose(int alternatives) => Random.Shared.Next(alternatives);
#pragma warning restore RS0030

    /// <summary>Whether a thread was asleep a moment ago, as far as it has said so.</summary>
    /// <param name="number">Its <see cref="Number"/>.</param>
    public static bool IsAsleep(int number) => (uint)number < (uint)s_asleep.Length && Volatile.Read(ref s_asleep[number]);

    /// <summary>The calling thread is about to sleep, or is awake again.</summary>
    public static void SetAsleep(bool asleep)
    {
        int number = Number;
        if (number < s_asleep.Length)
            Volatile.Write(ref s_asleep[number], asleep);
    }

    /// <summary>Waits for the end; gives what the body threw.</summary>
    public ExceptionDispatchInfo? Join()
    {
        _thread.Join();
        return _failure;
    }

    private void Main()
    {
        try
        {
            _body();
        }
        catch (Exception failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
        }
    }
}
