using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// RCU as a specification, for models at lock grain: readers are intervals that nothing delays, and a grace period ends
/// after every reader that began before it did.
/// </summary>
/// <remarks>
/// <para>
/// Under a controller an outermost reader is two steps and a grace period is two; how an implementation finds out who
/// reads is left out. What a reader did happens before the end of a grace period that waited for it, and what was done before
/// a grace period began happens before readers that begin after that. A grace period is a full barrier for its thread; a reader is none.
/// </para>
/// <para>
/// Readers nest. To wait for a grace period inside a reader, to end a reader twice, or never, is a violation; so is to sleep in one, unless
/// readers may, as those of SRCU.
/// </para>
/// <para>Kernel: rcu_read_lock(), rcu_read_unlock(), synchronize_rcu(); as many of them as there are objects, as with SRCU.</para>
/// </remarks>
public sealed class SpecRcu
{
    private readonly string _name;
    private readonly bool _readersMaySleep;
    private readonly int _location;
    private readonly object _gate = new();
    private readonly HashSet<Reader> _readers = [];
    private readonly ThreadLocal<Reader> _mine = new(static () => new Reader());

    /// <summary>Creates one.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="readersMaySleep">Whether that is no violation.</param>
    public SpecRcu(string name, bool readersMaySleep = false)
    {
        _name = name;
        _readersMaySleep = readersMaySleep;
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLock(0, name);
    }

    /// <summary>Begins a reader. Kernel: rcu_read_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void ReadLock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            thread.Rcu(OperationKind.RcuReadLock, _location, file, line);
            if (!_readersMaySleep)
                RcuUsage.OfThread.Enter(this, file, line);
            return;
        }

        RequireFree();
        Reader mine = _mine.Value!;
        if (mine.Depth++ > 0)
            return;
        lock (_gate)
        {
            mine.Number++;
            _readers.Add(mine);
        }
    }

    /// <summary>Ends the reader that was begun last. Kernel: rcu_read_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void ReadUnlock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            if (!_readersMaySleep)
                RcuUsage.OfThread.Leave();
            thread.Rcu(OperationKind.RcuReadUnlock, _location, file, line);
            return;
        }

        RequireFree();
        Reader mine = _mine.Value!;
        if (mine.Depth == 0)
            throw new SynchronizationLockException("This thread is in no reader.");
        if (--mine.Depth > 0)
            return;
        lock (_gate)
        {
            _readers.Remove(mine);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for the end of every reader that has begun. Kernel: synchronize_rcu().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Synchronize([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            thread.Rcu(OperationKind.RcuSynchronize, _location, file, line);
            return;
        }

        RequireFree();
        if (_mine.Value!.Depth > 0)
            throw new SynchronizationLockException("This thread waits for the end of a reader that it is in itself.");
        lock (_gate)
        {
            (Reader Reader, long Number)[] begun = [.. _readers.Select(static reader => (reader, reader.Number))];
            foreach ((Reader reader, long number) in begun)
            {
                while (_readers.Contains(reader) && reader.Number == number)
                    Monitor.Wait(_gate);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _name;

    private void RequireFree()
    {
        if (Hook.Enabled && _location != 0)
            Hook.ThrowForeignAccess();
    }

    // The readers of one thread, one after the other; its fields but the depth are under the gate.
    private sealed class Reader
    {
        public int Depth;
        public long Number;
    }
}
