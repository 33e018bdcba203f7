using System.Globalization;
using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Reporting;

/// <summary>What happened in one execution, in words: filled while a failing execution is run again.</summary>
internal sealed class ExecutionLog(Machine machine)
{
    private readonly Dictionary<Location, string> _writers = new(ReferenceEqualityComparer.Instance);
    private readonly List<(Location Lock, Operation How, Held Held)> _locks = [];
    private int _steps;

    /// <summary>One line of the log: a step, a plain access, or a note.</summary>
    public sealed record Line
    {
        public required int Thread { get; init; }

        /// <summary>The number of the step in the execution, from 1; 0 for what is no step: plain accesses and notes.</summary>
        public int Number { get; init; }

        /// <summary>Whether it was a step of the thread's store buffer, not of the thread.</summary>
        public bool IsBuffer { get; init; }

        /// <summary>What was done; null for a note, which is no access.</summary>
        public OperationKind? Kind { get; init; }

        /// <summary>The name of the place that it touched; empty if it touched none.</summary>
        public string Place { get; init; } = "";

        /// <summary>The branch that a choice took; 0 for anything else.</summary>
        public int Choice { get; init; }

        /// <summary>What was read, in words; null if nothing was.</summary>
        public string? Read { get; init; }

        /// <summary>What was written, in words; null if nothing was.</summary>
        public string? Written { get; init; }

        /// <summary>How a lock was taken or given back; null if none was.</summary>
        public LockMode? Mode { get; init; }

        /// <summary>What happened, in words.</summary>
        public required string Text { get; init; }

        public string File { get; init; } = "";

        public int SourceLine { get; init; }
    }

    /// <summary>Something that a thread is inside of: a lock, later a reader section.</summary>
    /// <param name="Thread">The thread's number.</param>
    /// <param name="What">What it holds, in words.</param>
    /// <param name="Since">The step with which that began.</param>
    public sealed record Held(int Thread, string What, int Since);

    public List<Line> Lines { get; } = [];

    /// <summary>What is held at the end of the log, oldest first.</summary>
    public IEnumerable<Held> HeldNow => _locks.Select(static held => held.Held);

    /// <summary>Whether anything was done that can be held.</summary>
    public bool HoldsThings { get; private set; }

    public void Add(Role role, string file, int line, string text) =>
        Lines.Add(new Line { Thread = role.Index, Text = text, File = SourcePath.Shorten(file), SourceLine = line });

    public void Note(Role role, string text) => Lines.Add(new Line { Thread = role.Index, Text = text });

    /// <summary>A step or a plain access that has just been performed.</summary>
    /// <param name="role">Who did it.</param>
    /// <param name="location">The place that it touched, if any.</param>
    /// <param name="writes">Whether it wrote.</param>
    /// <param name="local">Whether it was about its own thread's store buffer, and not about memory.</param>
    public void Step(Role role, Location? location, bool writes, bool local = false)
    {
        ref Operation op = ref role.Op;
        Role owner = machine.RoleAt(machine.Trace.OwnerOf(role.Index));
        bool isStep = op.Kind is not (OperationKind.PlainRead or OperationKind.PlainWrite);
        int number = isStep ? ++_steps : 0;
        bool isCell = location is { IsLock: false };
        Lines.Add(new Line
        {
            Thread = owner.Index,
            IsBuffer = role.IsBuffer,
            Number = number,
            Kind = op.Kind,
            Place = machine.PlaceOf(op),
            Choice = op.Kind == OperationKind.Choose ? (int)op.Result : 0,
            Read = isCell && op.Kind is not (OperationKind.Store or OperationKind.PlainWrite or OperationKind.Drain) ? Old(op, location!) : null,
            Written = !isCell ? null : writes ? Now(location!) : local && op.Kind == OperationKind.Store ? Stored(op, location!) : null,
            Mode = location is { IsLock: true } && writes && op.Kind is (OperationKind.Acquire or OperationKind.TryAcquire or OperationKind.Release)
                ? op.Mode
                : null,
            Text = Describe(role, location, writes, local),
            File = SourcePath.Shorten(op.File),
            SourceLine = op.Line,
        });
        if (isCell && writes)
            _writers[location!] = isStep ? Words.Number(number, owner) : owner.Name;
        if (location is { IsLock: true })
        {
            HoldsThings = true;
            if (writes)
                KeepHeld(op, owner.Index, location, number);
        }
    }

    private void KeepHeld(Operation op, int thread, Location location, int number)
    {
        if (op.Kind is OperationKind.RcuSynchronize or OperationKind.RcuSynchronizeEnd)
            return;
        if (op.Kind is OperationKind.RcuReadLock)
        {
            _locks.Add((location, op, new Held(thread, $"{machine.NameOf(location)} for reading", number)));
            return;
        }

        if (op.Kind is OperationKind.RcuReadUnlock)
        {
            int last = _locks.FindLastIndex(held => ReferenceEquals(held.Lock, location) && held.Held.Thread == thread);
            if (last >= 0)
                _locks.RemoveAt(last);
            return;
        }

        if (op.Kind != OperationKind.Release)
        {
            string mode = op.Mode == LockMode.Read ? "for reading" : "alone";
            _locks.Add((location, op, new Held(thread, $"{machine.NameOf(location)}{Range(op)} {mode}", number)));
            return;
        }

        // A reader gives back what it took itself; a writer may hand its lock to another thread.
        int at = _locks.FindIndex(held => Matches(held.Lock, held.How) && held.Held.Thread == thread);
        if (at < 0 && op.Mode == LockMode.Write)
            at = _locks.FindIndex(held => Matches(held.Lock, held.How));
        if (at >= 0)
            _locks.RemoveAt(at);

        bool Matches(Location taken, in Operation how) =>
            ReferenceEquals(taken, location) && how.Mode == op.Mode && how.A == op.A && how.B == op.B;
    }

    private string Describe(Role role, Location? location, bool writes, bool local)
    {
        ref Operation op = ref role.Op;
        if (location is null)
        {
            return op.Kind switch
            {
                OperationKind.Choose => $"choose {op.Result} of 0..{op.A - 1}",
                OperationKind.Join => "join",
                OperationKind.ProcessWideFence => machine.HasBuffers ? "fence in all threads begins" : "fence in all threads",
                OperationKind.ProcessWideFenceEnd => "fence in all threads ends",
                OperationKind.BarrierElsewhere => "barrier of a fence elsewhere",
                OperationKind.Fence => op.Order switch
                {
                    Order.Acquire => "fence (read)",
                    Order.Release => "fence (write)",
                    _ => "fence (full)",
                },
                OperationKind.AwaitMany => "await " + string.Join(
                    ", ", op.Footprint!.Select(f => $"{machine.NameOf(machine.Find(f))} = {Now(machine.Find(f))}")),
                _ => op.Kind.ToString(),
            };
        }

        string name = machine.NameOf(location);
        string old = location.IsLock ? "" : Old(op, location);
        string from = _writers.TryGetValue(location, out string? writer) ? $"from {writer}" : "initial";
        if (local)
            return DescribeLocal(op, location, name, old);
        string part = Part(op);
        return op.Kind switch
        {
            OperationKind.Drain => $"{name}{part} = {Stored(op, location)} reaches memory",
            OperationKind.Release when role.IsBuffer => $"release {name}{Mode(op)} reaches memory",
            OperationKind.Load => $"{name}{part} -> {old}{Remark(OrderIn(op, Order.Relaxed), from)}",
            OperationKind.PlainRead => $"{name} -> {old}{Remark("plain", from)}",
            OperationKind.PlainWrite => $"{name} = {Now(location)}{Remark("plain")}",
            OperationKind.Store => $"{name}{part} = {Now(location)}{Remark(OrderIn(op, Order.Relaxed))}",
            OperationKind.Exchange => $"xchg {name}{part}: {old} -> {Now(location)}{Remark(OrderIn(op, Order.Full))}",
            OperationKind.CompareExchange => writes
                ? $"cmpxchg {name}: {old} -> {Now(location)}{Remark(OrderIn(op, Order.Full))}"
                : $"cmpxchg {name}: fails, is {old}{Remark("", from)}",
            OperationKind.AddUnless => writes
                ? $"add {name}: {old} -> {Now(location)}{Remark(OrderIn(op, Order.Full))}"
                : $"add {name}: refused, is {old}{Remark("", from)}",
            OperationKind.Await => $"await {Words.Awaited(op, location, machine)}: {old}{Remark("", from)}",
            OperationKind.AwaitExchange => $"await {Words.Awaited(op, location, machine)}, then = {Now(location)}",
            OperationKind.RcuReadLock => $"{name} read lock",
            OperationKind.RcuReadUnlock => role.IsBuffer ? $"{name} read unlock reaches memory" : $"{name} read unlock",
            OperationKind.RcuSynchronize => $"{name} grace period begins",
            OperationKind.RcuSynchronizeEnd => $"{name} grace period ends",
            OperationKind.Acquire => $"acquire {name}{Mode(op)}",
            OperationKind.TryAcquire => $"try {name}{Mode(op)}: {(op.Result != 0 ? "taken" : "busy")}",
            OperationKind.Release => $"release {name}{Mode(op)}",
            _ => $"{Verb(op.Kind)} {name}: {old} -> {Now(location)}{Remark(OrderIn(op, Order.Full))}",
        };
    }

    // A step that is about its own thread's store buffer.
    private string DescribeLocal(in Operation op, Location location, string name, string old)
    {
        string part = Part(op);
        return op.Kind switch
        {
            OperationKind.Store => $"{name}{part} = {Stored(op, location)}{Remark(OrderIn(op, Order.Relaxed), "buffered")}",
            OperationKind.Release => $"release {name}{Mode(op)} (buffered)",
            OperationKind.RcuReadUnlock => $"{name} read unlock (buffered)",
            OperationKind.Await => $"await {Words.Awaited(op, location, machine)}: {old} (own store)",
            _ => $"{name}{part} -> {old}{Remark(OrderIn(op, Order.Relaxed), "own store")}",
        };
    }

    private string Stored(in Operation op, Location location) => op.IsReference
        ? Words.Of(location, new CellValue(0, op.RefA), machine)
        : Words.OfBits(location.ValueType, op.A & location.Mask);

    private static string Part(in Operation op) => op.FieldBits == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"[{op.FieldShift}+{op.FieldBits}]");

    private static string Verb(OperationKind kind) => kind switch
    {
        OperationKind.FetchAdd => "add",
        OperationKind.FetchAnd => "and",
        OperationKind.FetchOr => "or",
        OperationKind.FetchXor => "xor",
        _ => kind.ToString(),
    };

    private static string OrderIn(in Operation op, Order usual) => op.Order == usual ? "" : op.Order switch
    {
        Order.Acquire => "acquire",
        Order.Release => "release",
        Order.Full => "full",
        _ => "relaxed",
    };

    private static string Remark(string first, string second = "") =>
        first.Length + second.Length == 0 ? ""
        : first.Length == 0 || second.Length == 0 ? $" ({first}{second})"
        : $" ({first}, {second})";

    private static string Mode(in Operation op) => (op.Mode == LockMode.Read ? " read" : "") + Range(op);

    private static string Range(in Operation op) => op is { A: 0, B: -1 }
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" [{(ulong)op.A}..{(ulong)op.B}]");

    private string Old(in Operation op, Location location) => location.IsReference
        ? Words.Of(location, new CellValue(0, op.RefResult), machine)
        : Words.OfBits(location.ValueType, op.Result);

    private string Now(Location location) => Words.Of(location, location.Value, machine);
}
