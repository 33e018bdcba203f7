using System.Globalization;
using System.Text;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Fuzz;

internal enum OpKind
{
    Load,
    Store,
    Exchange,
    CompareExchange,
    CompareExchangeWeak,
    FetchAdd,
    FetchAnd,
    FetchOr,
    FetchXor,
    AddUnless,
    ReadField,
    WriteField,
    ExchangeField,
    AwaitEqual,
    AwaitNotEqual,
    AwaitClear,
    AwaitSet,
    AwaitPredicate,
    AwaitExchange,
    WaitWhile,
    AwaitTwo,
    AwaitAll,
    Choose,
    RefLoad,
    RefStore,
    RefExchange,
    RefCompareExchange,
    RefAwaitNotNull,
    RefAwaitEqual,
    RefAwaitPredicate,
    Acquire,
    TryAcquire,
    Release,
    Fence,
    ProcessWideFence,
    RcuReadLock,
    RcuReadUnlock,
    RcuSynchronize,
    PlainRead,
    PlainWrite,
    ObjectRead,
    ObjectPlainRead,
    ObjectFree,
    Run,
    Start,
    Background,
    Join,
}

/// <summary>One operation of a random program; it is data, so that it can be run, enumerated, printed and shrunk.</summary>
internal sealed record Op(OpKind Kind)
{
    /// <summary>The cell, pointer, lock or plain field.</summary>
    public int X { get; init; }

    /// <summary>The second cell of an await over two.</summary>
    public int Y { get; init; }

    public int A { get; init; }

    public int B { get; init; }

    /// <summary>Whether what the thread read last is added to the value that is written.</summary>
    public bool UseLast { get; init; }

    /// <summary>The operation is done only if this is what the thread read last.</summary>
    public int? Guard { get; init; }

    public Order Order { get; init; } = Order.Full;

    public LockMode Mode { get; init; } = LockMode.Write;

    public ulong First { get; init; }

    public ulong Last { get; init; } = ulong.MaxValue;

    /// <summary>For Run, Start and Background: the threads.</summary>
    public Code[] Children { get; init; } = [];
}

/// <summary>What a thread does.</summary>
internal sealed record Code(Op[] Ops)
{
    /// <summary>The number of the thread in the program, the body being 0.</summary>
    public int Id { get; set; }

    public bool Background { get; set; }
}

/// <summary>A body: some cells, pointers, locks and plain fields, and threads that use them.</summary>
internal sealed record RandomProgram(int Cells, int Refs, int Locks, int Plains, int Objects, int Spurious, Code Body)
{
    private const int Boxes = 2;

    private static readonly WordField s_low = new(0, 8);
    private static readonly WordField s_second = new(8, 8);

    /// <summary>Numbers the threads; they are told apart by these numbers in outcomes.</summary>
    public int NumberThreads()
    {
        int next = 0;
        Number(Body, background: false);
        return next;

        void Number(Code code, bool background)
        {
            code.Id = next++;
            code.Background = background;
            foreach (Op op in code.Ops)
            {
                foreach (Code child in op.Children)
                    Number(child, op.Kind == OpKind.Background);
            }
        }
    }

    /// <summary>Whether some thread does such an operation.</summary>
    public bool Has(OpKind kind)
    {
        return Has(Body);

        bool Has(Code code) => Array.Exists(code.Ops, op => op.Kind == kind || Array.Exists(op.Children, Has));
    }

    public static bool Predicate(int table, int value) => ((table >> (value & 7)) & 1) != 0;

    public static bool Predicate(int table, int x, int y) => ((table >> ((x & 3) | ((y & 3) << 2))) & 1) != 0;

    public static bool Predicate(int table, ReadOnlySpan<int> values)
    {
        int sum = 0;
        foreach (int value in values)
            sum += value;
        return Predicate(table, sum);
    }

    /// <summary>Runs the program on real cells and writes down what each thread saw.</summary>
    public void Run(Observations seen)
    {
        seen.Begin();
        var memory = new Memory(this, seen);
        memory.Play(Body);
    }

    private sealed class Box(int number)
    {
        public int Number { get; } = number;
    }

    private sealed class Owned : SharedObject
    {
        public Cell<int> Field;
        public Plain<int> Data;

        public Owned()
            : base("object")
        {
            Field = new Cell<int>(this, 0, "field");
            Data = new Plain<int>(this, 0, "data");
        }
    }

    private sealed class Memory
    {
        private readonly RandomProgram _program;
        private readonly Observations _seen;
        private readonly Cell<int>[] _cells;
        private readonly Ref<Box>[] _refs;
        private readonly SpecLock[] _locks;
        private readonly Plain<int>[] _plains;
        private readonly Owned[] _objects;
        private readonly Box?[] _boxes;
        private readonly SpecRcu _rcu;

        public Memory(RandomProgram program, Observations seen)
        {
            _program = program;
            _seen = seen;
            _cells = Cell<int>.Array(program.Cells, 0, "x");
            _refs = Ref<Box>.Array(program.Refs, "p");
            _locks = new SpecLock[program.Locks];
            for (int i = 0; i < _locks.Length; i++)
                _locks[i] = new SpecLock($"l{i}", watched: false);
            _plains = new Plain<int>[program.Plains];
            for (int i = 0; i < _plains.Length; i++)
                _plains[i] = new Plain<int>(0, $"d{i}");
            _objects = new Owned[program.Objects];
            for (int i = 0; i < _objects.Length; i++)
                _objects[i] = new Owned();
            _rcu = new SpecRcu("rcu");
            _boxes = new Box?[Boxes + 1];
            for (int i = 1; i <= Boxes; i++)
                _boxes[i] = new Box(i);
        }

        public void Play(Code code)
        {
            _seen.Start(code.Id);
            var held = new List<Op>();
            var started = new List<ModelThread>();
            int last = 0;
            foreach (Op op in code.Ops)
            {
                if (op.Guard is { } guard && guard != last)
                    continue;
                int? value = Do(op, last, held, started);
                if (value is { } v)
                {
                    last = v;
                    _seen.Add(code.Id, v);
                }
            }

            _seen.End(code.Id);
        }

        private int? Do(Op op, int last, List<Op> held, List<ModelThread> started)
        {
            int a = op.A + (op.UseLast ? last : 0);
            switch (op.Kind)
            {
                case OpKind.Load:
                    return op.Order == Order.Acquire ? _cells[op.X].LoadAcquire() : _cells[op.X].ReadOnce();
                case OpKind.Store:
                    if (op.Order == Order.Release)
                        _cells[op.X].StoreRelease(a);
                    else
                        _cells[op.X].WriteOnce(a);
                    return null;
                case OpKind.Exchange:
                    return _cells[op.X].Exchange(a, op.Order);
                case OpKind.CompareExchange:
                    return _cells[op.X].CompareExchange(op.B, a, op.Order);
                case OpKind.CompareExchangeWeak:
                    int expected = op.B;
                    bool done = _cells[op.X].TryCompareExchangeWeak(ref expected, a, op.Order);
                    return (expected * 2) + (done ? 1 : 0);
                case OpKind.FetchAdd:
                    return _cells[op.X].FetchAdd(a, op.Order);
                case OpKind.FetchAnd:
                    return _cells[op.X].FetchAnd(a, op.Order);
                case OpKind.FetchOr:
                    return _cells[op.X].FetchOr(a, op.Order);
                case OpKind.FetchXor:
                    return _cells[op.X].FetchXor(a, op.Order);
                case OpKind.AddUnless:
                    return _cells[op.X].AddUnless(a, op.B, op.Order);
                case OpKind.ReadField:
                    return (int)_cells[op.X].ReadField(op.B == 0 ? s_low : s_second);
                case OpKind.WriteField:
                    _cells[op.X].WriteField(op.B == 0 ? s_low : s_second, (ulong)(a & 0xff));
                    return null;
                case OpKind.ExchangeField:
                    return (int)_cells[op.X].ExchangeField(op.B == 0 ? s_low : s_second, (ulong)(a & 0xff));
                case OpKind.AwaitEqual:
                    _cells[op.X].AwaitEqual(op.A, op.Order);
                    return null;
                case OpKind.AwaitNotEqual:
                    return _cells[op.X].AwaitNotEqual(op.A, op.Order);
                case OpKind.AwaitClear:
                    return _cells[op.X].AwaitClear(op.A, op.Order);
                case OpKind.AwaitSet:
                    return _cells[op.X].AwaitSet(op.A, op.Order);
                case OpKind.AwaitPredicate:
                    return _cells[op.X].Await(v => Predicate(op.A, v), op.Order);
                case OpKind.AwaitExchange:
                    _cells[op.X].AwaitExchange(op.B, a, op.Order);
                    return null;
                case OpKind.WaitWhile:
                    _cells[op.X].WaitWhile(op.A);
                    return null;
                case OpKind.AwaitTwo:
                    Execution.Await(ref _cells[op.X], ref _cells[op.Y], (x, y) => Predicate(op.A, x, y));
                    return null;
                case OpKind.AwaitAll:
                    Execution.Await(_cells, values => Predicate(op.A, values));
                    return null;
                case OpKind.Choose:
                    return Execution.Choose(op.A);
                case OpKind.RefLoad:
                    return Number(_refs[op.X].ReadOnce());
                case OpKind.RefStore:
                    _refs[op.X].WriteOnce(_boxes[op.A]);
                    return null;
                case OpKind.RefExchange:
                    return Number(_refs[op.X].Exchange(_boxes[op.A]));
                case OpKind.RefCompareExchange:
                    return Number(_refs[op.X].CompareExchange(_boxes[op.B], _boxes[op.A]));
                case OpKind.RefAwaitNotNull:
                    return Number(_refs[op.X].AwaitNotNull());
                case OpKind.RefAwaitEqual:
                    _refs[op.X].AwaitEqual(_boxes[op.A]);
                    return null;
                case OpKind.RefAwaitPredicate:
                    return Number(_refs[op.X].Await(box => Predicate(op.A, Number(box))));
                case OpKind.Acquire:
                    _locks[op.X].Acquire(op.Mode, op.First, op.Last);
                    held.Add(op);
                    return null;
                case OpKind.TryAcquire:
                    bool taken = _locks[op.X].TryAcquire(op.Mode, op.First, op.Last);
                    if (taken)
                        held.Add(op);
                    return taken ? 1 : 0;
                case OpKind.Release:
                    int at = held.FindLastIndex(h => h.X == op.X);
                    if (at < 0)
                        return null;
                    Op taking = held[at];
                    held.RemoveAt(at);
                    _locks[op.X].Release(taking.Mode, taking.First, taking.Last);
                    return null;
                case OpKind.Fence:
                    if (op.Order == Order.Acquire)
                        Fence.Read();
                    else if (op.Order == Order.Release)
                        Fence.Write();
                    else
                        Fence.Full();
                    return null;
                case OpKind.ProcessWideFence:
                    Fence.ProcessWide();
                    return null;
                case OpKind.RcuReadLock:
                    _rcu.ReadLock();
                    return null;
                case OpKind.RcuReadUnlock:
                    _rcu.ReadUnlock();
                    return null;
                case OpKind.RcuSynchronize:
                    _rcu.Synchronize();
                    return null;
                case OpKind.PlainRead:
                    _ = _plains[op.X].Read();
                    return null;
                case OpKind.PlainWrite:
                    _plains[op.X].Write(op.A);
                    return null;
                case OpKind.ObjectRead:
                    return _objects[op.X].Field.ReadOnce();
                case OpKind.ObjectPlainRead:
                    _ = _objects[op.X].Data.Read();
                    return null;
                case OpKind.ObjectFree:
                    _objects[op.X].Free();
                    return null;
                case OpKind.Run:
                    Execution.Run([.. op.Children.Select(child => (Action)(() => Play(child)))]);
                    return null;
                case OpKind.Start:
                    started.Add(Execution.Start($"S{op.Children[0].Id}", () => Play(op.Children[0])));
                    return null;
                case OpKind.Background:
                    Execution.StartBackground($"B{op.Children[0].Id}", () => Play(op.Children[0]));
                    return null;
                case OpKind.Join:
                    if (started.Count == 0)
                        return null;
                    ModelThread child = started[0];
                    started.RemoveAt(0);
                    child.Join();
                    return null;
                default:
                    throw new InvalidOperationException(op.Kind.ToString());
            }
        }

        private static int Number(Box? box) => box?.Number ?? 0;
    }

    public override string ToString()
    {
        NumberThreads();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"cells {Cells}, pointers {Refs}, locks {Locks}, plain {Plains}, objects {Objects}, spurious {Spurious}\n");
        Print(Body, 0);
        return text.ToString();

        void Print(Code code, int depth)
        {
            foreach (Op op in code.Ops)
            {
                text.Append(' ', depth * 4);
                if (op.Guard is { } guard)
                    text.Append(CultureInfo.InvariantCulture, $"if (last == {guard}) ");
                text.Append(Describe(op)).Append('\n');
                foreach (Code child in op.Children)
                {
                    text.Append(' ', (depth * 4) + 2).Append(CultureInfo.InvariantCulture, $"thread {child.Id}:\n");
                    Print(child, depth + 1);
                }
            }
        }
    }

    private static string Describe(Op op)
    {
        string a = op.UseLast ? $"last+{op.A}" : $"{op.A}";
        string order = op.Order == Order.Full ? "" : $", {op.Order}";
        string range = op.First == 0 && op.Last == ulong.MaxValue ? "" : $" [{op.First}..{op.Last}]";
        return op.Kind switch
        {
            OpKind.Load => $"last = x{op.X}{order}",
            OpKind.Store => $"x{op.X} = {a}{order}",
            OpKind.Exchange => $"last = xchg(x{op.X}, {a}{order})",
            OpKind.CompareExchange or OpKind.CompareExchangeWeak => $"last = {op.Kind}(x{op.X}, {op.B} -> {a}{order})",
            OpKind.FetchAdd or OpKind.FetchAnd or OpKind.FetchOr or OpKind.FetchXor => $"last = {op.Kind}(x{op.X}, {a}{order})",
            OpKind.AddUnless => $"last = add(x{op.X}, {a}, unless {op.B}{order})",
            OpKind.ReadField or OpKind.WriteField or OpKind.ExchangeField => $"{op.Kind}(x{op.X}, byte {op.B}, {a})",
            OpKind.AwaitEqual => $"await(x{op.X} == {op.A}{order})",
            OpKind.AwaitNotEqual => $"last = await(x{op.X} != {op.A}{order})",
            OpKind.AwaitClear => $"last = await((x{op.X} & {op.A}) == 0{order})",
            OpKind.AwaitSet => $"last = await((x{op.X} & {op.A}) != 0{order})",
            OpKind.AwaitPredicate => $"last = await(x{op.X} & 7 in {Bits(op.A, 8)}{order})",
            OpKind.AwaitExchange => $"awaitxchg(x{op.X}, {op.B} -> {a}{order})",
            OpKind.WaitWhile => $"waitwhile(x{op.X} == {op.A})",
            OpKind.AwaitTwo => $"await(x{op.X} & 3 | (x{op.Y} & 3) << 2 in {Bits(op.A, 16)})",
            OpKind.AwaitAll => $"await(sum of all x & 7 in {Bits(op.A, 8)})",
            OpKind.Choose => $"last = choose({op.A})",
            OpKind.RefLoad => $"last = p{op.X}",
            OpKind.RefStore => $"p{op.X} = {op.A}",
            OpKind.RefExchange => $"last = xchg(p{op.X}, {op.A})",
            OpKind.RefCompareExchange => $"last = cas(p{op.X}, {op.B} -> {op.A})",
            OpKind.RefAwaitNotNull => $"last = await(p{op.X} != null)",
            OpKind.RefAwaitEqual => $"await(p{op.X} == {op.A})",
            OpKind.RefAwaitPredicate => $"last = await(p{op.X} in {Bits(op.A, 3)})",
            OpKind.Acquire => $"acquire(l{op.X} {op.Mode}{range})",
            OpKind.TryAcquire => $"last = try(l{op.X} {op.Mode}{range})",
            OpKind.Release => $"release(l{op.X}) if held",
            OpKind.Fence => $"fence {op.Order}",
            OpKind.PlainRead => $"plain read d{op.X}",
            OpKind.PlainWrite => $"plain write d{op.X}",
            OpKind.ObjectRead => $"last = o{op.X}.field",
            OpKind.ObjectPlainRead => $"plain read o{op.X}.data",
            OpKind.ObjectFree => $"free o{op.X}",
            OpKind.Join => "join the first one started, if any",
            _ => op.Kind.ToString(),
        };
    }

    private static string Bits(int table, int count) =>
        "{" + string.Join(",", Enumerable.Range(0, count).Where(bit => ((table >> bit) & 1) != 0)) + "}";
}

/// <summary>What the threads of one execution saw, and which of them came to their end: the outcome of the execution.</summary>
internal sealed class Observations(int threads)
{
    private readonly List<int>?[] _values = new List<int>?[threads];
    private readonly bool[] _ended = new bool[threads];
    private bool _begun;

    /// <summary>The outcomes of all executions so far.</summary>
    public HashSet<string> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>An execution begins; the one before it, if any, is over.</summary>
    public void Begin()
    {
        Finish();
        _begun = true;
    }

    /// <summary>The last execution is over.</summary>
    public void Finish()
    {
        if (_begun)
            Outcomes.Add(Describe(_values, _ended));
        Array.Clear(_values);
        Array.Clear(_ended);
        _begun = false;
    }

    public void Start(int thread) => _values[thread] = [];

    public void Add(int thread, int value) => _values[thread]!.Add(value);

    public void End(int thread) => _ended[thread] = true;

    /// <summary>What a thread has seen in the execution at hand.</summary>
    public IReadOnlyList<int> Of(int thread) => _values[thread] ?? [];

    public static string Describe(IReadOnlyList<IReadOnlyList<int>?> values, IReadOnlyList<bool> ended)
    {
        var text = new StringBuilder();
        for (int t = 0; t < values.Count; t++)
        {
            if (values[t] is not { } mine)
                continue;
            text.Append('T').Append(t).Append(':');
            foreach (int value in mine)
                text.Append(value).Append(' ');
            text.Append(ended[t] ? '.' : '?');
        }

        return text.ToString();
    }
}
