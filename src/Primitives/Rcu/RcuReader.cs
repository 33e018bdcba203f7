using System.Runtime.InteropServices;

namespace RcuModel.Primitives;

/// <summary>
/// A thread as the grace periods of one RCU domain see it: registered, and inside a reader or not. It belongs to the
/// thread that registered it, or that has adopted it since, and no other thread may enter a reader with it.
/// </summary>
/// <remarks>
/// Dispose of it when the thread is done with the domain. If the thread ends first, the next registration or grace period
/// that notices drops it, together with the section that the thread was in, if any. Kernel: what RCU keeps in struct
/// task_struct. liburcu: struct urcu_reader.
/// </remarks>
public sealed class RcuReader : SharedObject, IDisposable
{
    /// <summary>What the thread and the grace periods tell each other.</summary>
    internal ReaderWords Words;

    private readonly string _name;

    [ThreadPrivate("the thread that owns the reader; the report of a stall is content with a moment's value")]
    private string _enteredFile = "";

    [ThreadPrivate("as the file")]
    private int _enteredLine;

    internal RcuReader(Rcu domain, string name)
        : base(name)
    {
        _name = name;
        Domain = domain;
        Owner = RcuUsage.Thread;
        Words.Ctr = new Cell<ulong>(this, 0, "ctr");
        Words.Waited = new Cell<int>(this, 0, "waited");
    }

    /// <summary>The domain whose grace periods wait for it.</summary>
    public Rcu Domain { get; }

    /// <summary>The thread that it belongs to, controlled or real. Written by that thread when it takes it over.</summary>
    [ThreadPrivate("others only compare it with themselves, which gives the same answer whenever they look")]
    internal object Owner { get; private set; }

    /// <summary>For the checks: whether grace periods wait for it. Only its own thread changes and asks.</summary>
    [ThreadPrivate("the thread that owns the reader")]
    internal bool IsRegistered { get; set; }

    /// <summary>Where the thread entered, for the report of a stall; with <see cref="RcuChecks"/> only.</summary>
    internal string WhereEntered => _enteredFile.Length > 0
        ? $", entered at {RcuUsage.Place(_enteredFile, _enteredLine)}"
        : $" (set the switch {RcuChecks.SwitchName} to learn where it was entered)";

    /// <summary>Whether the thread has ended without giving the reader back; never under a controller.</summary>
    internal bool OwnerHasEnded => Owner is Thread { IsAlive: false };

    /// <summary>For QSBR: taken offline while its thread waits for a grace period.</summary>
    [ThreadPrivate("the thread that owns the reader")]
    internal bool IsAway { get; set; }

    /// <summary>Hands the reader to the calling thread; it must be idle, and its last owner must be done with it.</summary>
    public void Adopt() => Owner = RcuUsage.Thread;

    /// <summary>Takes the reader out of its domain; it must be idle. liburcu: rcu_unregister_thread().</summary>
    public void Dispose() => Domain.Unregister(this);

    /// <inheritdoc/>
    public override string ToString() => $"{_name} of {Domain}";

    /// <summary>For the checks: notes where the thread enters.</summary>
    internal void NoteEntry(string file, int line)
    {
        _enteredFile = file;
        _enteredLine = line;
    }

    /// <summary>The thread was waited for, and is out: lets the grace period go on.</summary>
    internal void WakeUpdater()
    {
        // Relaxed: the woken looks at ctr again, and takes nothing from here.
        Words.Waited.WriteOnce(0);
        Domain.Parking.Wake();
    }
}

/// <summary>
/// The two words of a reader, on a cache line of their own: one that its thread writes at every reader, and one that a
/// grace period writes when it is about to sleep.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 160)]
internal struct ReaderWords
{
    /// <summary>Written by the thread alone; what it says is the flavour's affair.</summary>
    [FieldOffset(64)]
    public Cell<ulong> Ctr;

    /// <summary>1 when a grace period sleeps until this thread leaves its reader.</summary>
    [FieldOffset(80)]
    public Cell<int> Waited;
}

/// <summary>A word on a cache line of its own, which all readers load and grace periods write.</summary>
[StructLayout(LayoutKind.Explicit, Size = 144)]
internal struct LonelyWord
{
    /// <summary>The word.</summary>
    [FieldOffset(64)]
    public Cell<ulong> Value;
}
