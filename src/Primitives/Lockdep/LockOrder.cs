using System.Text;

namespace RcuModel.Primitives;

/// <summary>
/// In which order classes of locks have been taken: an arrow from what is held to what is taken. A circle of arrows within one
/// execution is a deadlock that only has not happened.
/// </summary>
/// <remarks>
/// Arrows of earlier executions are kept, to be printed and so that a new execution of the same order costs a look-up. Circles are
/// looked for among those of the present one only, or what is reported could not be replayed.
/// </remarks>
public sealed class LockOrder
{
    // How an arrow begins and ends: held by a reader or not, taken by a recursive reader or not. An arrow that ends at a
    // recursive reader and one that begins at a reader do not make anybody wait between them.
    [Flags]
    private enum Kinds : byte
    {
        None = 0,
        SharedToRecursive = 1,
        ExclusiveToRecursive = 2,
        SharedToOther = 4,
        ExclusiveToOther = 8,
    }

    private const Kinds FromExclusive = Kinds.ExclusiveToRecursive | Kinds.ExclusiveToOther;
    private const Kinds ToOther = Kinds.SharedToOther | Kinds.ExclusiveToOther;

    private sealed class Arrow(int from, int to)
    {
        public readonly int From = from;
        public readonly int To = to;
        public Kinds Kinds;
        public long Execution;
        public HeldLock Held;
        public HeldLock Taken;
        public string Thread = "";

        public string InWords => $"{Thread} takes {Taken} at {Taken.Where} and holds {Held}, taken at {Held.Where}";
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<List<Arrow>> _from = [];
    private readonly Dictionary<long, Arrow> _arrows = [];
    private long _execution;

    /// <summary>All arrows, in the order of their names.</summary>
    public IReadOnlyList<LockDependency> Dependencies
    {
        get
        {
            lock (_gate)
            {
                return [.. _arrows.Values
                    .Select(a => new LockDependency(_names[a.From], _names[a.To], a.InWords))
                    .OrderBy(static d => d.Held, StringComparer.Ordinal).ThenBy(static d => d.Taken, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Another execution begins; for controllers.</summary>
    public void BeginExecution() => _execution++;

    /// <summary>Takes in what another one has seen; for controllers.</summary>
    /// <param name="other">The other one; nobody changes it meanwhile.</param>
    public void Add(LockOrder other)
    {
        ArgumentNullException.ThrowIfNull(other);
        lock (_gate)
        {
            foreach (Arrow theirs in other._arrows.Values)
            {
                Arrow mine = ArrowOf(IdOf(other._names[theirs.From]), IdOf(other._names[theirs.To]), out bool isNew);
                if (isNew)
                    (mine.Held, mine.Taken, mine.Thread) = (theirs.Held, theirs.Taken, theirs.Thread);
            }
        }
    }

    /// <summary>A thread that holds one is about to wait for another; says what is wrong with that, or null.</summary>
    internal string? Add(in HeldLock held, in HeldLock taken, string thread)
    {
        lock (_gate)
        {
            Arrow arrow = ArrowOf(IdOf(held.Class), IdOf(taken.Class), out _);
            bool recursive = taken.Use == LockUse.RecursiveRead;
            Kinds kind = held.Use == LockUse.Write
                ? recursive ? Kinds.ExclusiveToRecursive : Kinds.ExclusiveToOther
                : recursive ? Kinds.SharedToRecursive : Kinds.SharedToOther;
            if (arrow.Execution == _execution && (arrow.Kinds & kind) != 0)
                return null;
            if (arrow.Execution != _execution)
                arrow.Kinds = Kinds.None;
            (arrow.Execution, arrow.Kinds) = (_execution, arrow.Kinds | kind);
            (arrow.Held, arrow.Taken, arrow.Thread) = (held, taken, thread);
            return Circle(arrow, kind) is { } back
                ? $"possible circular locking dependency: {arrow.InWords}, but {string.Join(", and ", back.Select(static a => a.InWords))}"
                : null;
        }
    }

    /// <summary>
    /// The order as an outline: what is taken inside of something stands below it, indented, and only where nothing comes
    /// between. Kernel: the head of mm/rmap.c has one, kept by hand.
    /// </summary>
    public override string ToString()
    {
        lock (_gate)
        {
            var text = new StringBuilder();
            var shown = new HashSet<int>();
            var inner = new HashSet<int>(_arrows.Values.Select(static a => a.To));
            foreach (int root in Enumerable.Range(0, _names.Count).Where(c => !inner.Contains(c)).OrderBy(c => _names[c], StringComparer.Ordinal))
                Outline(text, root, 0, shown, []);

            // What lies on a circle is inside of something.
            foreach (int left in Enumerable.Range(0, _names.Count).Where(c => !shown.Contains(c)))
                Outline(text, left, 0, shown, []);
            return text.ToString();
        }
    }

    private void Outline(StringBuilder text, int name, int depth, HashSet<int> shown, HashSet<int> above)
    {
        bool again = !shown.Add(name);
        bool hasMore = _from[name].Count > 0;
        text.Append(' ', depth * 2).Append(_names[name])
            .AppendLine(above.Contains(name) ? " (a circle)" : again && hasMore ? " (as above)" : "");
        if (again || !above.Add(name))
            return;
        foreach (Arrow arrow in _from[name].Where(IsDirect).OrderBy(a => _names[a.To], StringComparer.Ordinal))
            Outline(text, arrow.To, depth + 1, shown, above);
        above.Remove(name);
    }

    // Nothing stands between its ends.
    private bool IsDirect(Arrow arrow) =>
        !_from[arrow.From].Any(a => a != arrow && Reaches(a.To, arrow.To, [arrow.From]));

    private bool Reaches(int from, int to, HashSet<int> seen) =>
        from == to || (seen.Add(from) && _from[from].Any(a => Reaches(a.To, to, seen)));

    // The shortest way back from where the arrow ends to where it begins, on which everybody may have to wait for the next.
    private List<Arrow>? Circle(Arrow closing, Kinds kind)
    {
        bool endsRecursive = (kind & ToOther) == 0;
        bool beginsExclusive = (kind & FromExclusive) != 0;
        var before = new Dictionary<(int Class, bool Recursive), (Arrow? By, (int, bool) From)>
        {
            [(closing.To, endsRecursive)] = (null, default),
        };
        var queue = new Queue<(int Class, bool Recursive)>();
        queue.Enqueue((closing.To, endsRecursive));
        while (queue.TryDequeue(out (int Class, bool Recursive) at))
        {
            foreach (Arrow arrow in _from[at.Class])
            {
                Kinds usable = arrow.Execution == _execution ? arrow.Kinds : Kinds.None;
                if (at.Recursive)
                    usable &= FromExclusive;
                if (usable == Kinds.None)
                    continue;
                (int Class, bool Recursive) next = (arrow.To, (usable & ToOther) == 0);
                if (!before.TryAdd(next, (arrow, at)))
                    continue;
                if (next.Class == closing.From && (beginsExclusive || !next.Recursive))
                    return Way(before, next);
                queue.Enqueue(next);
            }
        }

        return null;
    }

    private static List<Arrow> Way(Dictionary<(int Class, bool Recursive), (Arrow? By, (int, bool) From)> before, (int Class, bool Recursive) at)
    {
        var way = new List<Arrow>();
        while (before[at] is { By: { } arrow, From: var from })
        {
            way.Add(arrow);
            at = from;
        }

        way.Reverse();
        return way;
    }

    private Arrow ArrowOf(int from, int to, out bool isNew)
    {
        long key = ((long)from << 32) | (uint)to;
        isNew = !_arrows.TryGetValue(key, out Arrow? arrow);
        if (isNew)
        {
            arrow = new Arrow(from, to) { Execution = -1 };
            _arrows.Add(key, arrow);
            _from[from].Add(arrow);
        }

        return arrow!;
    }

    private int IdOf(string name)
    {
        if (!_ids.TryGetValue(name, out int id))
        {
            id = _names.Count;
            _ids.Add(name, id);
            _names.Add(name);
            _from.Add([]);
        }

        return id;
    }
}
