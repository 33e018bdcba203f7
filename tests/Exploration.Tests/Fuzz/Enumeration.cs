using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Fuzz;

/// <summary>
/// All classes of interleavings of a random program, found without the explorer: a breadth of a few hundred lines that
/// knows the meaning of each operation, goes through all prefixes of all classes, and counts the maximal ones. It shares
/// no code with the engine, so that the two cannot be wrong together by accident.
/// </summary>
/// <remarks>
/// <para>
/// Without store buffers a class is told by the vector clocks of its steps. With store buffers it is told by what the steps
/// found: which store each load read from (wherever it found it), which write each write to memory came after, which
/// steps of a lock each step of it came after. Nothing is said of buffers, so a store that is read while it is buffered
/// and one that is read in memory are the same.
/// </para>
/// <para>
/// A process-wide fence waits until the buffer of each other thread has been empty at some moment since it began. When that
/// was is no part of the class, so the explorer may need several executions of one that this counts once.
/// </para>
/// </remarks>
internal sealed partial class Enumeration
{
    private readonly RandomProgram _program;
    private readonly int _threads;
    private readonly Code[] _codes;
    private readonly HashSet<(ulong, ulong)> _seen = [];
    private readonly int _limit;
    private readonly bool _buffers;
    private readonly HashSet<(ulong, ulong)> _classes = [];

    private Enumeration(RandomProgram program, int limit, MemoryModel memory)
    {
        _program = program;
        _buffers = memory == MemoryModel.Tso;
        _threads = program.NumberThreads();
        _codes = new Code[_threads];
        Collect(program.Body);
        _limit = limit;
    }

    /// <summary>How many classes there are.</summary>
    public int Classes { get; private set; }

    /// <summary>In how many of them a thread waits for ever.</summary>
    public int Blocked { get; private set; }

    /// <summary>What the threads see in each.</summary>
    public HashSet<string> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes over how many executions there are, where the explorer tells more of them apart.</summary>
    public void Refine(int executions, int blocked)
    {
        Classes = Math.Max(Classes, executions);
        Blocked = Math.Max(Blocked, blocked);
    }

    /// <summary>Counts; null if there are too many.</summary>
    public static Enumeration? Of(RandomProgram program, int limit, MemoryModel memory = MemoryModel.Sc)
    {
        var enumeration = new Enumeration(program, limit, memory);
        var start = new State(program, enumeration._threads);
        enumeration.Spawn(start, program.Body, new int[enumeration._threads]);
        enumeration.RunSilently(start, 0);
        return enumeration.Search(start) ? enumeration : null;
    }

    private void Collect(Code code)
    {
        _codes[code.Id] = code;
        foreach (Op op in code.Ops)
        {
            foreach (Code child in op.Children)
                Collect(child);
        }
    }

    private bool Search(State start)
    {
        var stack = new Stack<State>();
        stack.Push(start);
        _seen.Add((0, 0));
        while (stack.TryPop(out State? state))
        {
            bool moved = false;
            for (int t = 0; t < _threads && _buffers; t++)
            {
                if (state.Threads[t].Buffer is not { Length: > 0 })
                    continue;
                moved = true;
                State next = state.Copy();
                Drain(next, t);
                RunSilently(next, t);
                if (_seen.Add(Key(next)))
                    stack.Push(next);
            }

            for (int t = 0; t < _threads; t++)
            {
                if (!state.Threads[t].Alive || !CanMove(state, t))
                    continue;
                moved = true;
                int branches = Branches(state, t);
                for (int branch = 0; branch < branches; branch++)
                {
                    State next = state.Copy();
                    Move(next, t, branch);
                    RunSilently(next, t);
                    if (_seen.Add(Key(next)))
                        stack.Push(next);
                }
            }

            if (_seen.Count > _limit)
                return false;
            if (moved)
                continue;
            if (_buffers && !_classes.Add((state.Hash1, state.Hash2)))
                continue;
            Classes++;
            bool blocked = false;
            for (int t = 0; t < _threads; t++)
                blocked |= state.Threads[t].Alive && !_codes[t].Background;
            if (blocked)
                Blocked++;
            Outcomes.Add(Observations.Describe(
                [.. state.Threads.Select(t => t.Born ? t.Seen.ToList() : null)], [.. state.Threads.Select(t => t.Born && !t.Alive)]));
        }

        return true;
    }

    private Op OpOf(State state, int t) => _codes[t].Ops[state.Threads[t].At];

    private void Spawn(State state, Code code, int[] clock)
    {
        ref Thread thread = ref state.Threads[code.Id];
        thread.Born = true;
        thread.Alive = true;
        thread.Clock = clock;
        thread.Budget = _program.Spurious;
        thread.Seen = [];
        thread.Held = [];
        thread.Started = [];
        thread.Buffer = [];
        thread.Fences = [];
    }

    // Up to the thread's next step: what is guarded away, what starts threads, and the end are no steps.
    private void RunSilently(State state, int t)
    {
        while (true)
        {
            ref Thread thread = ref state.Threads[t];
            if (!thread.Alive)
                return;
            if (thread.Phase != 0)
                return;
            if (thread.At == _codes[t].Ops.Length)
            {
                thread.Alive = false;
                return;
            }

            Op op = OpOf(state, t);
            if (op.Guard is { } guard && guard != thread.Last)
            {
                thread.At++;
                continue;
            }

            switch (op.Kind)
            {
                case OpKind.RcuReadLock when thread.Depth++ > 0:
                case OpKind.RcuReadUnlock when --thread.Depth > 0:
                    thread.At++;
                    continue;
                case OpKind.RcuReadLock:
                    thread.Depth = 0;
                    return;
                case OpKind.RcuReadUnlock:
                    thread.Depth = 1;
                    return;
                case OpKind.Start or OpKind.Background or OpKind.Run when thread.Buffer.Length > 0:
                    return;
                case OpKind.Start or OpKind.Background:
                    if (op.Kind == OpKind.Start)
                        thread.Started = [.. thread.Started, op.Children[0].Id];
                    thread.At++;
                    Spawn(state, op.Children[0], thread.Clock);
                    RunSilently(state, op.Children[0].Id);
                    continue;
                case OpKind.Join when thread.Started.Length == 0:
                case OpKind.Release when !Array.Exists(thread.Held, held => held.X == op.X):
                    thread.At++;
                    continue;
                case OpKind.Run:
                    thread.Phase = 1;
                    foreach (Code child in op.Children)
                        Spawn(state, child, thread.Clock);
                    foreach (Code child in op.Children)
                        RunSilently(state, child.Id);
                    return;
                default:
                    return;
            }
        }
    }

    private bool CanMove(State state, int t)
    {
        Op op = OpOf(state, t);
        ref Thread thread = ref state.Threads[t];
        if (_buffers && MustWait(state, t, op))
            return false;
        switch (op.Kind)
        {
            case OpKind.AwaitEqual:
                return Visible(state, t, op) == op.A;
            case OpKind.AwaitNotEqual:
                return Visible(state, t, op) != op.A;
            case OpKind.WaitWhile:
                return (thread.Phase == 0 && thread.Budget > 0) || Visible(state, t, op) != op.A;
            case OpKind.AwaitClear:
                return (Visible(state, t, op) & op.A) == 0;
            case OpKind.AwaitSet:
                return (Visible(state, t, op) & op.A) != 0;
            case OpKind.AwaitPredicate:
                return RandomProgram.Predicate(op.A, Visible(state, t, op));
            case OpKind.AwaitExchange:
                return state.Cells[op.X] == op.B;
            case OpKind.AwaitTwo:
                return RandomProgram.Predicate(op.A, state.Cells[op.X], state.Cells[op.Y]);
            case OpKind.AwaitAll:
                return RandomProgram.Predicate(op.A, state.Cells);
            case OpKind.RefAwaitNotNull:
                return Visible(state, t, op) != 0;
            case OpKind.RefAwaitEqual:
                return Visible(state, t, op) == op.A;
            case OpKind.RefAwaitPredicate:
                return RandomProgram.Predicate(op.A, Visible(state, t, op));
            case OpKind.Acquire:
                return IsFree(state, op);
            case OpKind.RcuSynchronize when thread.Phase == 1:
                int begun = thread.Begun;
                return Array.TrueForAll(state.Readers[..begun], static reader => reader.Ended is not null);
            case OpKind.Run:
                return Array.TrueForAll(op.Children, child => !state.Threads[child.Id].Alive);
            case OpKind.Join:
                return !state.Threads[thread.Started[0]].Alive;
            default:
                return true;
        }
    }

    private static bool IsFree(State state, Op op) =>
        Array.TrueForAll(state.Holders[op.X], other => Compatible(op, other));

    private static bool Compatible(Op a, Op b) =>
        (a.Mode == LockMode.Read && b.Mode == LockMode.Read) || a.Last < b.First || b.Last < a.First;

    private int Branches(State state, int t)
    {
        Op op = OpOf(state, t);
        return op.Kind switch
        {
            OpKind.Choose => op.A,
            OpKind.CompareExchangeWeak or OpKind.WaitWhile when state.Threads[t] is { Phase: 0, Budget: > 0 } => 2,
            _ => 1,
        };
    }

    private void Move(State state, int t, int branch)
    {
        Op op = OpOf(state, t);
        ref Thread thread = ref state.Threads[t];
        int a = op.A + (op.UseLast ? thread.Last : 0);
        int old = op.X < state.Cells.Length ? state.Cells[op.X] : 0;
        int oldRef = op.X < state.Refs.Length ? state.Refs[op.X] : 0;
        int? value = null;
        if (_buffers && MoveWithBuffers(state, t, op, a, ref old, ref oldRef))
            return;

        switch (op.Kind)
        {
            case OpKind.Load:
                Reads(state, t, op.X);
                value = old;
                break;
            case OpKind.Store:
                Writes(state, t, op.X, a);
                break;
            case OpKind.Exchange:
                Writes(state, t, op.X, a);
                value = old;
                break;
            case OpKind.CompareExchange:
                if (old == op.B)
                    Writes(state, t, op.X, a);
                else
                    Reads(state, t, op.X);
                value = old;
                break;
            case OpKind.CompareExchangeWeak:
                if (thread is { Phase: 0, Budget: > 0 })
                {
                    Step(state, t, state.Threads[t].Clock, branch);
                    thread.Phase = branch == 1 ? 1 : 2;
                    thread.Budget -= branch;
                    return;
                }

                if (thread.Phase == 1)
                {
                    Reads(state, t, op.X);
                    value = old * 2;
                    break;
                }

                if (old == op.B)
                    Writes(state, t, op.X, a);
                else
                    Reads(state, t, op.X);
                value = (old * 2) + (old == op.B ? 1 : 0);
                break;
            case OpKind.FetchAdd:
                Writes(state, t, op.X, old + a);
                value = old;
                break;
            case OpKind.FetchAnd:
                Writes(state, t, op.X, old & a);
                value = old;
                break;
            case OpKind.FetchOr:
                Writes(state, t, op.X, old | a);
                value = old;
                break;
            case OpKind.FetchXor:
                Writes(state, t, op.X, old ^ a);
                value = old;
                break;
            case OpKind.AddUnless:
                if (old == op.B)
                    Reads(state, t, op.X);
                else
                    Writes(state, t, op.X, old + a);
                value = old;
                break;
            case OpKind.ReadField:
                Reads(state, t, op.X);
                value = (old >> (op.B * 8)) & 0xff;
                break;
            case OpKind.WriteField or OpKind.ExchangeField:
                Writes(state, t, op.X, (old & ~(0xff << (op.B * 8))) | ((a & 0xff) << (op.B * 8)));
                if (op.Kind == OpKind.ExchangeField)
                    value = (old >> (op.B * 8)) & 0xff;
                break;
            case OpKind.AwaitEqual:
                Reads(state, t, op.X);
                break;
            case OpKind.AwaitNotEqual or OpKind.AwaitClear or OpKind.AwaitSet or OpKind.AwaitPredicate:
                Reads(state, t, op.X);
                value = old;
                break;
            case OpKind.WaitWhile:
                if (thread is { Phase: 0, Budget: > 0 })
                {
                    Step(state, t, state.Threads[t].Clock, branch);
                    thread.Budget -= branch;
                    thread.Phase = branch == 1 ? 0 : 2;
                    if (branch == 1)
                        thread.At++;
                    return;
                }

                Reads(state, t, op.X);
                break;
            case OpKind.AwaitExchange:
                Writes(state, t, op.X, a);
                break;
            case OpKind.AwaitTwo or OpKind.AwaitAll:
                ReadsMany(state, t, op.Kind == OpKind.AwaitTwo ? [op.X, op.Y] : [.. Enumerable.Range(0, state.Cells.Length)]);
                break;
            case OpKind.Choose:
                Step(state, t, thread.Clock, branch);
                value = branch;
                break;
            case OpKind.RefLoad or OpKind.RefAwaitNotNull or OpKind.RefAwaitPredicate:
                Reads(state, t, state.Cells.Length + op.X);
                value = oldRef;
                break;
            case OpKind.RefAwaitEqual:
                Reads(state, t, state.Cells.Length + op.X);
                break;
            case OpKind.RefStore or OpKind.RefExchange:
                Writes(state, t, state.Cells.Length + op.X, op.A);
                if (op.Kind == OpKind.RefExchange)
                    value = oldRef;
                break;
            case OpKind.RefCompareExchange:
                if (oldRef == op.B)
                    Writes(state, t, state.Cells.Length + op.X, op.A);
                else
                    Reads(state, t, state.Cells.Length + op.X);
                value = oldRef;
                break;
            case OpKind.Acquire or OpKind.TryAcquire:
                bool taken = IsFree(state, op);
                if (taken)
                {
                    state.Holders[op.X] = [.. state.Holders[op.X], op];
                    thread.Held = [.. thread.Held, op];
                }

                LockStep(state, t, op, op, taken);
                if (op.Kind == OpKind.TryAcquire)
                    value = taken ? 1 : 0;
                break;
            case OpKind.Release:
                int at = Array.FindLastIndex(thread.Held, held => held.X == op.X);
                Op taking = thread.Held[at];
                thread.Held = [.. thread.Held.Where((_, n) => n != at)];
                int holder = Array.FindIndex(state.Holders[op.X], held => ReferenceEquals(held, taking));
                state.Holders[op.X] = [.. state.Holders[op.X].Where((_, n) => n != holder)];
                LockStep(state, t, op, taking, true);
                break;
            case OpKind.Run:
                int[] ended = Joined(thread.Clock, op.Children.Select(child => state.Threads[child.Id].Clock));
                Step(state, t, ended, 0);
                break;
            case OpKind.Join:
                int[] joined = Joined(thread.Clock, [state.Threads[thread.Started[0]].Clock]);
                thread.Started = thread.Started[1..];
                Step(state, t, joined, 0);
                break;
            case OpKind.RcuReadLock or OpKind.RcuReadUnlock or OpKind.RcuSynchronize:
                if (RcuStep(state, t, op))
                    return;
                break;
            default:
                Step(state, t, thread.Clock, 0);
                break;
        }

        thread.Phase = 0;
        thread.At++;
        if (value is { } seen)
        {
            thread.Last = seen;
            thread.Seen = [.. thread.Seen, seen];
        }
    }

    private static int[] Joined(int[] clock, IEnumerable<int[]> others)
    {
        int[] joined = [.. clock];
        foreach (int[] other in others)
        {
            for (int t = 0; t < joined.Length; t++)
                joined[t] = Math.Max(joined[t], other[t]);
        }

        return joined;
    }

    private void Reads(State state, int t, int cell)
    {
        if (_buffers)
        {
            Found(state, EventOf(state, t), SourceOf(state, t, cell));
            return;
        }

        int[] clock = Step(state, t, Joined(state.Threads[t].Clock, [state.Written[cell]]), 0);
        state.Touched[cell] = Joined(state.Touched[cell], [clock]);
    }

    private void ReadsMany(State state, int t, int[] cells)
    {
        if (_buffers)
        {
            foreach (int cell in cells)
                Found(state, EventOf(state, t) + ((ulong)cell << 40), state.LastWrite[cell]);
            return;
        }

        int[] clock = Step(state, t, Joined(state.Threads[t].Clock, cells.Select(cell => state.Written[cell])), 0);
        foreach (int cell in cells)
            state.Touched[cell] = Joined(state.Touched[cell], [clock]);
    }

    private void Writes(State state, int t, int cell, int value)
    {
        if (_buffers)
        {
            Found(state, EventOf(state, t), state.LastWrite[cell]);
            state.LastWrite[cell] = (int)EventOf(state, t);
        }
        else
        {
            int[] clock = Step(state, t, Joined(state.Threads[t].Clock, [state.Touched[cell]]), 0);
            state.Touched[cell] = clock;
            state.Written[cell] = clock;
        }

        if (cell < state.Cells.Length)
            state.Cells[cell] = value;
        else
            state.Refs[cell - state.Cells.Length] = value;
    }

    private void LockStep(State state, int t, Op op, Op how, bool writes)
    {
        if (_buffers)
        {
            FindsLock(state, EventOf(state, t), op.X, how, writes);
            return;
        }

        int[] clock = Step(
            state, t,
            Joined(
                state.Threads[t].Clock,
                state.LockSteps[op.X]
                    .Where(past => (past.Writes || writes) && !Compatible(past.How, how))
                    .Select(past => past.Clock)),
            0);
        state.LockSteps[op.X] = [.. state.LockSteps[op.X], (how, writes, clock)];
    }

    private int[] Step(State state, int t, int[] before, int branch)
    {
        if (_buffers)
        {
            Found(state, EventOf(state, t), branch);
            return before;
        }

        int[] clock = [.. before];
        clock[t]++;
        state.Threads[t].Clock = clock;
        ulong hash = (((ulong)t * 0x9E3779B97F4A7C15UL) + (ulong)branch + 1) * 0xD1342543DE82EF95UL;
        hash ^= hash >> 32;
        ulong other = hash ^ 0x5851F42D4C957F2DUL;
        foreach (int part in clock)
        {
            hash = (hash ^ (ulong)part) * 0xBF58476D1CE4E5B9UL;
            hash ^= hash >> 31;
            other = (other ^ (ulong)part) * 0x94D049BB133111EBUL;
            other ^= other >> 29;
        }

        state.Hash1 += hash;
        state.Hash2 += other;
        return clock;
    }

    private struct Thread
    {
        public bool Born;
        public bool Alive;
        public int At;
        public int Phase;
        public int Last;
        public int Budget;
        public int[] Clock;
        public int[] Seen;
        public Op[] Held;
        public int[] Started;

        // How deep it is in readers; in a grace period, how many readers had begun.
        public int Depth;
        public int Begun;

        // With store buffers: what has not reached memory, the oldest first; and, in a process-wide fence, the threads
        // whose buffer has not been empty since it began.
        public Buffered[] Buffer;
        public int[] Fences;
    }

    private sealed class State
    {
        public Thread[] Threads;
        public int[] Cells;
        public int[] Refs;
        public Op[][] Holders;

        // Of each cell and pointer: what its last write comes after, and what all its accesses do.
        public int[][] Written;
        public int[][] Touched;
        public (Op How, bool Writes, int[] Clock)[][] LockSteps;
        public ulong Hash1;
        public ulong Hash2;

        // With store buffers: the step that wrote each cell and pointer last.
        public int[] LastWrite;

        // The outermost readers that have begun, and the grace periods.
        public (int Thread, int[] Clock, ulong Event, int[]? Ended)[] Readers = [];
        public (int[] Clock, ulong Event)[] Grace = [];

        public State(RandomProgram program, int threads)
        {
            LastWrite = new int[program.Cells + program.Refs];
            Threads = new Thread[threads];
            Cells = new int[program.Cells];
            Refs = new int[program.Refs];
            Holders = [.. Enumerable.Range(0, program.Locks).Select(_ => Array.Empty<Op>())];
            Written = [.. Enumerable.Range(0, program.Cells + program.Refs).Select(_ => new int[threads])];
            Touched = [.. Written];
            LockSteps = [.. Enumerable.Range(0, program.Locks).Select(_ => Array.Empty<(Op, bool, int[])>())];
        }

        private State(State other)
        {
            Threads = [.. other.Threads];
            Cells = [.. other.Cells];
            Refs = [.. other.Refs];
            Holders = [.. other.Holders];
            Written = [.. other.Written];
            Touched = [.. other.Touched];
            LockSteps = [.. other.LockSteps];
            Hash1 = other.Hash1;
            Hash2 = other.Hash2;
            LastWrite = [.. other.LastWrite];
            Readers = [.. other.Readers];
            Grace = other.Grace;
        }

        public State Copy() => new(this);
    }
}
