using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// The readers that one thread is in, and whether it takes interrupts, for <see cref="RcuChecks"/>; and the words of its reports.
/// </summary>
internal sealed class RcuUsage
{
    private static readonly ModelLocal<RcuUsage> s_ofThread = new(static () => new RcuUsage());

    private Section[] _sections = new Section[4];
    private int _depth;
    private readonly Stack<(SpecRcu Domain, string Where)> _specified = new();
    private int _irqDepth;
    private string _irqFile = "";
    private int _irqLine;

    private RcuUsage()
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            thread.AtEnd(ThreadEnds);
    }

    /// <summary>The calling thread's.</summary>
    public static RcuUsage OfThread => s_ofThread.Value;

    /// <summary>Whether this thread is in a reader that must not sleep.</summary>
    public bool IsInside
    {
        get
        {
            for (int i = 0; i < _depth; i++)
            {
                if (!_sections[i].Sleepable)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whom this thread is when readers are asked for their owner.</summary>
    public static object Thread => Hook.Enabled && Hook.Current is { } thread
        ? thread
        : System.Threading.Thread.CurrentThread;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Enter(RcuReader reader, string file, int line)
    {
        if (!ReferenceEquals(reader.Owner, Thread))
            Suspicious(file, line, $"{reader} belongs to another thread; who takes it over must say so with Adopt");
        if (!reader.IsRegistered)
            Suspicious(file, line, $"{reader} is entered and is not registered, so no grace period waits for it");
        if (Find(reader.Domain) < 0)
            reader.NoteEntry(file, line);
        Push(reader.Domain, reader, sleepable: false, file, line);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Enter(GracePeriods domain, string file, int line) =>
        Push(domain, reader: null, sleepable: true, file, line);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Leave(GracePeriods domain, RcuReader? reader, string file, int line)
    {
        for (int i = _depth - 1; i >= 0; i--)
        {
            if (!ReferenceEquals(_sections[i].Domain, domain) || !ReferenceEquals(_sections[i].Reader, reader))
                continue;
            _depth--;
            for (; i < _depth; i++)
                _sections[i] = _sections[i + 1];
            return;
        }

        Suspicious(file, line, $"unlock without a lock: this thread is not in a reader of {domain}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Outside(GracePeriods domain, string what, string file, int line)
    {
        if (Find(domain) is >= 0 and var i)
            Suspicious(file, line, $"{what} in a reader of {domain}, entered at {_sections[i].Where}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Dereference(GracePeriods domain, string file, int line)
    {
        if (Find(domain) < 0)
            Suspicious(file, line, $"a pointer is dereferenced outside of any reader of {domain}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void WaitForReaders(GracePeriods domain, string what, bool maySleep, string file, int line)
    {
        if (Find(domain) is >= 0 and var i)
        {
            Suspicious(file, line,
                $"self-deadlock: {what} waits for all readers of {domain}, and this thread is in one since {_sections[i].Where}");
        }

        if (maySleep)
            MightSleep(what, file, line);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void MightSleep(string what, string file, int line)
    {
        if (_irqDepth > 0)
            Suspicious(file, line, $"{what} may sleep, and this thread takes no interrupts since {Place(_irqFile, _irqLine)}");
        if (_specified.TryPeek(out (SpecRcu Domain, string Where) reader))
            Suspicious(file, line, $"{what} may sleep, and this thread is in a reader of {reader.Domain} since {reader.Where}");
        for (int i = 0; i < _depth; i++)
        {
            if (!_sections[i].Sleepable)
            {
                Suspicious(file, line,
                    $"{what} may sleep, and this thread is in a reader of {_sections[i].Domain} since {_sections[i].Where}");
            }
        }
    }

    /// <summary>The thread is in a reader of a specification; that readers are balanced is seen to by whoever runs it.</summary>
    public void Enter(SpecRcu domain, string file, int line) => _specified.Push((domain, Place(file, line)));

    /// <summary>The thread leaves the reader of a specification that it entered last.</summary>
    public void Leave() => _specified.TryPop(out _);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void IrqsOff(string file, int line)
    {
        if (_irqDepth++ == 0)
            (_irqFile, _irqLine) = (file, line);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void IrqsOn(string file, int line)
    {
        if (_irqDepth == 0)
            Suspicious(file, line, "interrupts are restored by a thread that takes them");
        _irqDepth--;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void TakesIrqs(string what, string file, int line)
    {
        if (_irqDepth > 0)
        {
            Suspicious(file, line,
                $"self-deadlock: {what} waits for whoever takes no interrupts, and this thread takes none since {Place(_irqFile, _irqLine)}");
        }
    }

    /// <summary>A rule is broken: says so, unless the execution is being given up anyway.</summary>
    public static void Suspicious(string file, int line, string what) =>
        Execution.Assert(false, $"suspicious RCU usage{(file.Length > 0 ? $" at {Place(file, line)}" : "")}: {what}");

    /// <summary>A line of a source file, without the folder.</summary>
    public static string Place(string file, int line) => $"{System.IO.Path.GetFileName(file)}:{line}";

    private void ThreadEnds()
    {
        if (_irqDepth > 0)
            Execution.Assert(false, $"suspicious RCU usage: the thread ends with interrupts off since {Place(_irqFile, _irqLine)}");
        if (_depth > 0)
        {
            Execution.Assert(false,
                $"suspicious RCU usage: the thread ends in a reader of {_sections[0].Domain}, entered at {_sections[0].Where}");
        }
    }

    private void Push(GracePeriods domain, RcuReader? reader, bool sleepable, string file, int line)
    {
        if (_depth == _sections.Length)
            Array.Resize(ref _sections, _depth * 2);
        _sections[_depth++] = new Section(domain, reader, sleepable, file, line);
    }

    private int Find(GracePeriods domain)
    {
        for (int i = 0; i < _depth; i++)
        {
            if (ReferenceEquals(_sections[i].Domain, domain))
                return i;
        }

        return -1;
    }

    private readonly record struct Section(GracePeriods Domain, RcuReader? Reader, bool Sleepable, string File, int Line)
    {
        public string Where => Place(File, Line);
    }
}
