using System.Runtime.ExceptionServices;

namespace RcuModel.Primitives;

/// <summary>A real thread of a body that nobody controls.</summary>
internal sealed class FreeThread
{
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

    public static int Choose(int alternatives) => Random.Shared.Next(alternatives);
#pragma warning restore RS0030

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
