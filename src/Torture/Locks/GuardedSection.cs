namespace RcuModel.Torture.Locks;

/// <summary>
/// What a lock protects, and who is there. Threads say when they have come and when they go, between lock and unlock, and are
/// told what they see that a lock should have kept from happening; null if nothing.
/// </summary>
/// <remarks>
/// Only <c>_readers</c> is atomic: whoever is inside wrongly must not be put right by a barrier of the test. The two counts are
/// plain, as what a lock protects is. A writer makes them differ as long as it is inside, and a reader finds them as they were
/// when it came. Kernel: lock_is_write_held and lock_is_read_held, which are looked at on the way in only.
/// </remarks>
internal sealed class GuardedSection
{
    private const string TwoWriters = "two writers are inside";
    private const string ReaderAndWriter = "a reader and a writer are inside";
    private const string NotWhole = "what a writer has done is not seen, or not whole";

    private int _writer;
    private int _readers;
    private long _begun;
    private long _done;

    /// <param name="me">A number of the writer's own, above 0.</param>
    public string? EnterWrite(int me)
    {
        string? wrong = Volatile.Read(ref _writer) != 0 ? TwoWriters : null;
        Volatile.Write(ref _writer, me);
        if (Volatile.Read(ref _readers) != 0)
            wrong ??= ReaderAndWriter;
        if (_begun != _done)
        {
            wrong ??= NotWhole;

            // Told once: the next one shall not be told of it again.
            _done = _begun;
        }

        _begun++;
        return wrong;
    }

    /// <param name="me">As on entry.</param>
    public string? LeaveWrite(int me)
    {
        string? wrong = FinishWrite(me);
        Volatile.Write(ref _writer, 0);
        return wrong;
    }

    /// <param name="version">To be given back on leaving.</param>
    public string? EnterRead(out long version)
    {
        Interlocked.Increment(ref _readers);
        version = _begun;
        return Look(version);
    }

    /// <param name="version">As on entry: no writer may have come since.</param>
    public string? LeaveRead(long version)
    {
        string? wrong = Look(version);
        Interlocked.Decrement(ref _readers);
        return wrong;
    }

    /// <summary>The writer becomes a reader. Called before it is one: afterwards other readers may be there already.</summary>
    /// <param name="me">As on entry.</param>
    /// <param name="version">To be given back on leaving, as a reader.</param>
    public string? Downgrade(int me, out long version)
    {
        string? wrong = FinishWrite(me);
        version = _begun;
        Interlocked.Increment(ref _readers);
        Volatile.Write(ref _writer, 0);
        return wrong;
    }

    private string? FinishWrite(int me)
    {
        _done++;
        return Volatile.Read(ref _writer) != me ? TwoWriters
            : Volatile.Read(ref _readers) != 0 ? ReaderAndWriter
            : _begun != _done ? NotWhole
            : null;
    }

    private string? Look(long version) =>
        Volatile.Read(ref _writer) != 0 ? ReaderAndWriter
        : _begun != version || _done != version ? NotWhole
        : null;
}
