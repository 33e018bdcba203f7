using System.Runtime.CompilerServices;
using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Reduction;

/// <summary>
/// Optimal dynamic partial-order reduction with wakeup trees, sleep sets and awaits: of each class of executions that
/// differ only in the order of steps that do not conflict, exactly one is run, and no run is begun in vain.
/// </summary>
/// <remarks>
/// <para>
/// The algorithm is that of Abdulla, Aronis, Jonsson and Sagonas ("Source Sets: A Foundation for Optimal Dynamic
/// Partial Order Reduction", JACM 64(4), 2017), with the awaits of Jonsson, Lång and Sagonas ("Awaiting for Godot",
/// FMCAD 2022). It goes depth first over a tree whose nodes are the states along the current trace.
/// </para>
/// <para>
/// # One execution. A prefix is given: the steps that are shared with the last execution, then a branch of a wakeup tree.
/// They are run first, then threads run on freely until nothing can move. A node's <em>sleep set</em> holds the steps that
/// were explored from it or from above and that nothing since has conflicted with; a thread in it must not move.
/// </para>
/// <para>
/// # After it. For each race, the steps that do not happen after the earlier one, followed by the later one, are a
/// sequence v that begins at the node of the earlier one and is not equivalent to anything below the branch taken there.
/// If no member of the sleep set can begin v (is a weak initial of it), and no branch that waits in the wakeup tree covers
/// it, v becomes a new branch. v takes in steps from behind the later one too; without them weak initials would be too
/// many, and executions would be missed. That is why races are looked at when an execution is complete, and why a race in
/// the shared prefix is looked at again with the new ending, unless a thread that begins v within the prefix already
/// settles it.
/// </para>
/// <para>
/// # Choices are steps that conflict with nothing, one step for each branch. Where one is taken freely, all its other
/// branches are put into the wakeup tree at once. Where one is taken because a sequence says so, they are not: the
/// subtree that the sequence comes from has taken them all, and those that have to be reversed too bring sequences of
/// their own. To queue them again would run executions that the sleep set forbids to end. So of a thread at a choice some
/// branches may sleep and others not; when threads run freely nothing sleeps.
/// </para>
/// </remarks>
internal sealed partial class Reduction
{
    private struct Node
    {
        /// <summary>The sleep set: a run of <see cref="_sleep"/>, and its threads as bits.</summary>
        public int SleepStart;
        public int SleepEnd;
        public uint Asleep;

        /// <summary>Where in it that ends which slept on arrival; what follows is asleep because it went first from here.</summary>
        public int Explored;

        /// <summary>The branches that wait to be explored, of a state that nobody else puts branches under.</summary>
        public int Pending;

        /// <summary>Of a guided state: its node in the task's tree, which has its branches.</summary>
        public int Guided;

        /// <summary>Of a guided state: whether nobody will put anything under the branch that was taken from it.</summary>
        public bool Forgets;
    }

    private readonly Trace _trace;
    private readonly Places _places;
    private readonly Frontier _frontier;
    private readonly WakeupTree _tree = new(64);
    private readonly RaceFinder _races;
    private Node[] _nodes = new Node[256];
    private Access[] _sleep = new Access[256];

    // A sequence that need not be put anywhere.
    private const int Covered = -2;

    // The sequence v of the race at hand: steps of the trace, the later step last.
    private int[] _sequence = new int[256];
    private int _length;
    private readonly ushort[] _first = new ushort[Clock.Lanes];
    private readonly ushort[] _laterClock = new ushort[Clock.Lanes];
    private int _later;
    private Access _laterAccess;
    private bool _laterSucceeds;

    // The nodes that v went down through, in the tree that it was last looked for in.
    private readonly List<int> _walked = [];

    // Whether a choice was taken since the last execution. A branch that takes over one choice of a sequence leaves the
    // others to other sequences, so what settled a race for the choices before says nothing for these.
    private bool _newChoices;

    private const int ExecutionsPerMeasure = 64;
    private int _sinceMeasured;
    private double _explored;

    public Reduction(Trace trace, Places places, Frontier frontier)
    {
        _frontier = frontier;
        _trace = trace;
        _places = places;
        _races = new RaceFinder(trace, places);
    }

    /// <summary>Whether some race over several cells had more combinations than are looked at.</summary>
    public bool Incomplete => _races.Incomplete;

    /// <summary>Threads that must not move at the end of the trace.</summary>
    public uint Asleep => _nodes[_trace.Count].Asleep;

    /// <summary>
    /// Which part of the task has been explored, 0 to 1, as far as can be known: as if all branches of a node were of one
    /// size. Brought up to date now and then; may be read by any thread.
    /// </summary>
    public double Explored => Volatile.Read(ref _explored);

    /// <summary>Adds a step that a thread took freely.</summary>
    public int Append(in Access access)
    {
        int i = _trace.Append(access);
        Enter(i);
        if (access.Kind == OperationKind.Choose)
            QueueOtherChoices(ref _nodes[i], access);
        return i;
    }

    /// <summary>Forgets the end of an execution that was too long: what is beyond the limit is not explored further.</summary>
    public void CutTo(int steps)
    {
        while (_trace.Count > steps)
        {
            _trace.Pop();
            Release(_trace.Count + 1);
        }
    }

    /// <summary>
    /// A complete execution has been run: queues what its races ask for. Steps that threads still wait for are given
    /// beyond the end of the trace.
    /// </summary>
    public void QueueReversals(int waiting)
    {
        _races.FindUpTo(_trace.Count + waiting);
        for (int r = 0; r < _races.RaceCount; r++)
        {
            if (_newChoices || !_races.Races[r].Settled)
                Reverse(ref _races.Races[r]);
        }

        _races.ForgetFrom(_trace.Count);
        _newChoices = false;
    }

    /// <summary>
    /// Goes back to the deepest node with a branch left, and along that branch. What is in the trace afterwards is the
    /// prefix of the next execution; false if there is none in this task.
    /// </summary>
    public bool Next()
    {
        if (++_sinceMeasured == ExecutionsPerMeasure)
            Measure();
        while (_trace.Count > _leaf)
        {
            int i = _trace.Count - 1;
            Access done = _trace.Events[i].Access;
            _trace.Pop();
            Release(i + 1);
            _races.ForgetFrom(i);

            ref Node node = ref _nodes[i];
            PutToSleep(ref node, done);

            if (node.Pending == WakeupTree.None)
                continue;
            Descend(i);
            return true;
        }

        return _leaf > _base && NextGuided();
    }

    private void PutToSleep(ref Node node, in Access done)
    {
        uint bit = 1u << done.Thread;
        if ((node.Asleep & bit) != 0 && done.Kind != OperationKind.Choose)
            return;
        AddToSleep(node.SleepEnd++, done);
        node.Asleep |= bit;
    }

    private void Descend(int i)
    {
        int branch = _nodes[i].Pending;
        _nodes[i].Pending = _tree[branch].NextSibling;
        while (true)
        {
            Access access = _tree[branch].Access;
            int children = _tree[branch].FirstChild;
            _tree.Free(branch);

            i = _trace.Append(access);
            Enter(i);
            ref Node below = ref _nodes[i + 1];
            if (children == WakeupTree.None)
                return;
            branch = children;
            below.Pending = _tree[branch].NextSibling;
        }
    }

    // Makes the node behind step i: what slept before it sleeps on unless the step conflicts with it.
    private void Enter(int i)
    {
        if (i + 2 > _nodes.Length)
            Array.Resize(ref _nodes, _nodes.Length * 2);
        ref Node node = ref _nodes[i];
        ref Node next = ref _nodes[i + 1];
        ref Access taken = ref _trace.Events[i].Access;
        _newChoices |= taken.Kind == OperationKind.Choose;
        next.SleepStart = node.SleepEnd;
        next.SleepEnd = node.SleepEnd;
        next.Asleep = 0;
        next.Pending = WakeupTree.None;
        for (int s = node.SleepStart; s < node.SleepEnd; s++)
        {
            if (_sleep[s].Thread == taken.Thread || Access.Conflict(_sleep[s], taken))
                continue;
            next.Asleep |= 1u << _sleep[s].Thread;
            AddToSleep(next.SleepEnd, _sleep[s]);
            if (taken.Kind == OperationKind.Drain && Access.Reveals(taken, _sleep[s]))
                _sleep[next.SleepEnd].Reveal();
            next.SleepEnd++;
        }

        next.Explored = next.SleepEnd;
    }

    private void QueueOtherChoices(ref Node node, in Access taken)
    {
        for (int choice = 0; choice < taken.Alternatives; choice++)
        {
            if (choice == taken.Choice)
                continue;
            Access other = taken;
            other.Choice = (ushort)choice;
            _tree.AddLast(ref node.Pending, _tree.New(other));
        }
    }

    private void AddToSleep(int at, in Access access)
    {
        if (at == _sleep.Length)
            Array.Resize(ref _sleep, at * 2);
        _sleep[at] = access;
    }

    // From the deepest node up: of a node's branches so many are done, one is done in part, the others wait.
    private void Measure()
    {
        _sinceMeasured = 0;
        double explored = 1;
        for (int i = _trace.Count - 1; i >= _base; i--)
        {
            (int done, int waiting) = i < _leaf ? CountGuided(i) : CountPrivate(_nodes[i]);
            explored = (done + explored) / (done + 1 + waiting);
        }

        Volatile.Write(ref _explored, explored);
    }

    private (int Done, int Waiting) CountPrivate(in Node node)
    {
        int waiting = 0;
        for (int branch = node.Pending; branch != WakeupTree.None; branch = _tree[branch].NextSibling)
            waiting++;
        return (node.SleepEnd - node.Explored, waiting);
    }

    // A node that is left has no branches any more, but for what an abandoned execution never came to.
    private void Release(int i)
    {
        ref Node node = ref _nodes[i];
        _tree.FreeAll(node.Pending);
        node.Pending = WakeupTree.None;
    }

    private void Reverse(ref RaceFinder.Race race)
    {
        int at = Build(race);
        Queue(at, ref race);
        if (_trace.HasBuffers)
            UndoChanges();
    }

    private void Queue(int at, ref RaceFinder.Race race)
    {
        ref Node node = ref _nodes[at];

        for (int s = node.SleepStart; s < node.SleepEnd; s++)
        {
            ref Access slept = ref _sleep[s];
            if (!CanBegin(slept, out int position) || IsOtherChoice(slept, position))
                continue;
            race.Settled = position >= 0 && Settles(race, position);
            return;
        }

        if (at >= _leaf)
            Insert(ref node, ref race);
        else if (at >= _base)
            InsertGuided(at, ref race);
        else
            InsertAbove(at, ref race);
    }

    // v: what does not happen after the cut, then the later step as it goes without the cut.
    private int Build(in RaceFinder.Race race)
    {
        ReadOnlySpan<int> cut = _races.CutSteps.AsSpan(race.CutStart, race.CutCount);
        int start = cut[0];
        for (int c = 1; c < cut.Length; c++)
            start = Math.Min(start, cut[c]);

        Clock.Fill(ref _first[0], Clock.Never);
        _length = 0;
        int count = _trace.Count;
        if (_sequence.Length < count + 1)
            Array.Resize(ref _sequence, count * 2);
        if (cut.Length == 1)
        {
            // The usual case, on its own because it is the hot loop of the whole reduction.
            ref Event first = ref _trace.Events[start];
            int lane = first.Access.Thread;
            ushort index = first.Index;
            for (int k = start + 1; k < count; k++)
            {
                if (Unsafe.Add(ref _trace.ClockOf(k), lane) < index)
                    _sequence[_length++] = k;
            }
        }
        else
        {
            for (int k = start + 1; k < count; k++)
            {
                if (!IsCut(cut, k))
                    _sequence[_length++] = k;
            }
        }

        for (int n = _length - 1; n >= 0; n--)
        {
            ref Event step = ref _trace.Events[_sequence[n]];
            _first[step.Access.Thread] = step.Index;
        }

        _later = race.Later;
        if (_trace.HasBuffers)
            HideFromLoads(cut);
        ComputeLater(cut);
        _sequence[_length++] = _later;
        ref ushort firstOfLater = ref _first[_laterAccess.Thread];
        firstOfLater = Math.Min(firstOfLater, _trace.Events[_later].Index);
        return start;
    }

    private bool IsCut(ReadOnlySpan<int> cut, int k)
    {
        foreach (int i in cut)
        {
            if (k >= i && _trace.HappensBefore(i, k))
                return true;
        }

        return false;
    }

    // How the later step goes when the cut is away: whether it writes, and what in v it comes after.
    private void ComputeLater(ReadOnlySpan<int> cut)
    {
        ref Event later = ref _trace.Events[_later];
        _laterAccess = later.Access;
        _laterSucceeds = false;
        if (later.Access.Kind is OperationKind.CompareExchange or OperationKind.AddUnless)
        {
            Location location = _places[later.Access.Place];
            int write = _later < _trace.Count ? _trace.WriteBefore[later.Occurrence] : location.LastWrite;
            while (write >= 0 && IsCut(cut, _trace.OccurrenceStep[write]))
                write = _trace.WriteBefore[write];
            CellValue found = write >= 0
                ? _trace.Events[_trace.OccurrenceStep[write]].Written
                : location.Initial;
            _laterAccess.Writes = Outcome.Writes(later, location, found);
        }
        else if (later.Access.Kind == OperationKind.TryAcquire)
        {
            _laterAccess.Writes = !IsHeldWithout(cut, later);
            _laterSucceeds = _laterAccess.Writes && !later.Access.Writes;
        }

        ref ushort clock = ref _laterClock[0];
        Clock.Copy(ref clock, ref _trace.BeforeOf(_later));
        if (_trace.HasBuffers)
        {
            JoinConflictsOfLater(cut);
        }
        else
        {
            for (int n = 0; n < _length; n++)
            {
                ref Event step = ref _trace.Events[_sequence[n]];
                if (Access.Conflict(step.Access, _laterAccess))
                    Clock.Join(ref clock, ref _trace.ClockOf(_sequence[n]));
            }
        }

        Unsafe.Add(ref clock, _laterAccess.Thread) = later.Index;
    }

    private bool IsHeldWithout(ReadOnlySpan<int> cut, in Event later)
    {
        for (int o = _trace.OccurrenceBefore[later.Occurrence]; o >= 0; o = _trace.OccurrenceBefore[o])
        {
            int i = _trace.OccurrenceStep[o];
            ref Event other = ref _trace.Events[i];
            if (other.Access.Kind == OperationKind.Release || !other.Access.Writes || IsCut(cut, i))
                continue;
            if ((other.Partner < 0 || other.Partner > _later || IsCut(cut, other.Partner))
                && !Access.Compatible(later.Access, other.Access))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether a thread's next step is a weak initial of v: v, or v with something more, can be reordered so as to begin
    /// with it. The position in v is -1 if it is not part of v but independent of all of it.
    /// </summary>
    private bool CanBegin(in Access next, out int position)
    {
        position = -1;
        if (_first[next.Thread] == Clock.Never)
        {
            if (next.Source != 0)
                return CanBeginWithOwnStore(next);
            for (int n = 0; n < _length; n++)
            {
                ref Access other = ref AccessAt(n);
                if (Access.Conflict(next, other))
                    return false;
            }

            return true;
        }

        position = PositionOf(next.Thread);
        return IsInitial(position, next.Thread);
    }

    // Whether v takes another branch of the choice.
    private bool IsOtherChoice(in Access next, int position) =>
        next.Kind == OperationKind.Choose && position >= 0 && AccessAt(position).Choice != next.Choice;

    // Steps of v are in the order of the trace, but for the later one, which is its last.
    private int PositionOf(int thread)
    {
        ref Event later = ref _trace.Events[_later];
        if (later.Access.Thread == thread && later.Index == _first[thread])
            return _length - 1;
        int sorted = _sequence[_length - 1] == _later ? _length - 1 : _length;
        return _sequence.AsSpan(0, sorted).BinarySearch(_trace.StepOf(thread, _first[thread]));
    }

    private ref Access AccessAt(int n)
    {
        int i = _sequence[n];
        if (i == _later)
            return ref _laterAccess;
        return ref _trace.Events[i].Access;
    }

    private ref ushort ClockAt(int n)
    {
        int i = _sequence[n];
        if (i == _later)
            return ref _laterClock[0];
        return ref _trace.ClockOf(i);
    }

    // No step of another thread in v happens before it.
    private bool IsInitial(int position, int thread) =>
        (Clock.AtLeast(ref ClockAt(position), ref _first[0]) & ~(1u << thread)) == 0;

    private void Remove(int position, int thread)
    {
        if (_trace.HasBuffers)
            RevealToLoads(position);
        _sequence.AsSpan(position + 1, _length - position - 1).CopyTo(_sequence.AsSpan(position));
        _length--;
        _first[thread] = Clock.Never;
        for (int n = position; n < _length; n++)
        {
            if (AccessAt(n).Thread == thread)
            {
                _first[thread] = _trace.Events[_sequence[n]].Index;
                return;
            }
        }
    }

    // Whether v begins with this thread whatever follows the later step; then what sleeps covers it for good, and so does a
    // branch of one step, which stands for all that begins so. A longer branch does not: what v asks for below its first step
    // hangs on what follows the later one, and whoever sleeps down there counts on it being asked for. A try that succeeds without the cut is the
    // exception: one of another thread that failed, and so did not conflict with it, may then come before it.
    private bool Settles(in RaceFinder.Race race, int position) => !_laterSucceeds && _sequence[position] <= race.Later;

    private void Insert(ref Node node, ref RaceFinder.Race race)
    {
        int parent = Seek(_tree, node.Pending, atTop: true, ref race);
        if (parent == Covered)
            return;
        int chain = Chain(_tree, from: 0);
        if (parent == WakeupTree.None)
            _tree.AddLast(ref node.Pending, chain);
        else
            _tree.AddLast(ref _tree[parent].FirstChild, chain);
    }

    /// <summary>
    /// Goes down a tree along v, and leaves of v what is not on the way: always to the first node that can begin it. Returns the node
    /// that v must be put under, none for the list itself, or <see cref="Covered"/>.
    /// </summary>
    private int Seek(WakeupTree tree, int list, bool atTop, ref RaceFinder.Race race)
    {
        _walked.Clear();
        int parent = WakeupTree.None;
        while (true)
        {
            int match = list;
            for (; match != WakeupTree.None; match = tree[match].NextSibling)
            {
                ref Access access = ref tree[match].Access;
                if (!CanBegin(access, out int position) || IsOtherChoice(access, position))
                    continue;
                if (position >= 0)
                {
                    if (atTop && tree[match].IsOpaque)
                        race.Settled = Settles(race, position);
                    Remove(position, access.Thread);
                }

                break;
            }

            if (match == WakeupTree.None)
                break;

            // An opaque node stands for everything that begins so; and nothing is left to insert once v is used up.
            if (tree[match].IsOpaque || _length == 0)
                return Covered;
            _walked.Add(match);
            parent = match;
            list = tree[match].FirstChild;
            atTop = false;
        }

        if (atTop)
            race.Settled = _length == 1 && Settles(race, 0);
        return parent;
    }

    // What is left of v, as nodes one below the other.
    private int Chain(WakeupTree tree, int from)
    {
        int chain = WakeupTree.None;
        for (int n = _length - 1; n >= from; n--)
            chain = tree.New(AccessAt(n), chain);
        return chain;
    }
}
