using System.Globalization;
using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Reporting;

/// <summary>What happened in one execution, in words: filled while a failing execution is run again.</summary>
internal sealed class ExecutionLog(Machine machine)
{
    /// <summary>One line of the log: a step, a plain access, or a note.</summary>
    public sealed record Line
    {
        public required int Thread { get; init; }

        /// <summary>What was done; null for a note, which is no access.</summary>
        public OperationKind? Kind { get; init; }

        /// <summary>Whether it is a step of the schedule; plain accesses and notes are none.</summary>
        public bool IsStep { get; init; }

        /// <summary>The name of the place that it touched; empty if it touched none.</summary>
        public string Place { get; init; } = "";

        /// <summary>The branch that a choice took; 0 for anything else.</summary>
        public int Choice { get; init; }

        /// <summary>What happened, in words.</summary>
        public required string Text { get; init; }

        public string File { get; init; } = "";

        public int SourceLine { get; init; }
    }

    public List<Line> Lines { get; } = [];

    public void Add(Role role, string file, int line, string text) =>
        Lines.Add(new Line { Thread = role.Index, Text = text, File = file, SourceLine = line });

    public void Note(Role role, string text) => Lines.Add(new Line { Thread = role.Index, Text = text });

    /// <summary>A step or a plain access that has just been performed.</summary>
    /// <param name="role">Who did it.</param>
    /// <param name="location">The place that it touched, if any.</param>
    /// <param name="writes">Whether it wrote.</param>
    /// <param name="local">Whether it was about its own thread's store buffer, and not about memory.</param>
    public void Step(Role role, Location? location, bool writes, bool local = false)
    {
        ref Operation op = ref role.Op;
        Lines.Add(new Line
        {
            Thread = machine.Trace.OwnerOf(role.Index),
            Kind = op.Kind,
            IsStep = op.Kind is not (OperationKind.PlainRead or OperationKind.PlainWrite),
            Place = location is null ? "" : machine.NameOf(location),
            Choice = op.Kind == OperationKind.Choose ? (int)op.Result : 0,
            Text = Describe(role, location, writes, local),
            File = op.File,
            SourceLine = op.Line,
        });
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
        string old = location.IsReference
            ? Words.Of(location, new CellValue(0, op.RefResult), machine)
            : Words.OfBits(location.ValueType, op.Result);
        if (local)
            return DescribeLocal(op, location, name, old);
        string part = Part(op);
        return op.Kind switch
        {
            OperationKind.Drain => $"{name}{part} = {Stored(op, location)} reaches memory",
            OperationKind.Release when role.IsBuffer => $"release {name}{Mode(op)} reaches memory",
            OperationKind.Load => $"{name}{part} -> {old}{Suffix(op.Order, Order.Relaxed)}",
            OperationKind.PlainRead => $"{name} -> {old} (plain)",
            OperationKind.PlainWrite => $"{name} = {Now(location)} (plain)",
            OperationKind.Store => $"{name}{part} = {Now(location)}{Suffix(op.Order, Order.Relaxed)}",
            OperationKind.Exchange => $"xchg {name}{part}: {old} -> {Now(location)}{Suffix(op.Order, Order.Full)}",
            OperationKind.CompareExchange => writes
                ? $"cmpxchg {name}: {old} -> {Now(location)}{Suffix(op.Order, Order.Full)}"
                : $"cmpxchg {name}: fails, is {old}",
            OperationKind.AddUnless => writes
                ? $"add {name}: {old} -> {Now(location)}{Suffix(op.Order, Order.Full)}"
                : $"add {name}: refused, is {old}",
            OperationKind.Await => $"await {Words.Awaited(op, location, machine)}: {old}",
            OperationKind.AwaitExchange => $"await {Words.Awaited(op, location, machine)}, then = {Now(location)}",
            OperationKind.RcuReadLock => $"{name} read lock",
            OperationKind.RcuReadUnlock => role.IsBuffer ? $"{name} read unlock reaches memory" : $"{name} read unlock",
            OperationKind.RcuSynchronize => $"{name} grace period begins",
            OperationKind.RcuSynchronizeEnd => $"{name} grace period ends",
            OperationKind.Acquire => $"acquire {name}{Mode(op)}",
            OperationKind.TryAcquire => $"try {name}{Mode(op)}: {(op.Result != 0 ? "taken" : "busy")}",
            OperationKind.Release => $"release {name}{Mode(op)}",
            _ => $"{Verb(op.Kind)} {name}: {old} -> {Now(location)}{Suffix(op.Order, Order.Full)}",
        };
    }

    // A step that is about its own thread's store buffer.
    private string DescribeLocal(in Operation op, Location location, string name, string old)
    {
        string part = Part(op);
        return op.Kind switch
        {
            OperationKind.Store => $"{name}{part} = {Stored(op, location)}{Suffix(op.Order, Order.Relaxed)} (buffered)",
            OperationKind.Release => $"release {name}{Mode(op)} (buffered)",
            OperationKind.RcuReadUnlock => $"{name} read unlock (buffered)",
            OperationKind.Await => $"await {Words.Awaited(op, location, machine)}: {old} (own store)",
            _ => $"{name}{part} -> {old}{Suffix(op.Order, Order.Relaxed)} (own store)",
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

    private static string Suffix(Order order, Order usual) => order == usual ? "" : order switch
    {
        Order.Acquire => " (acquire)",
        Order.Release => " (release)",
        Order.Full => " (full)",
        _ => " (relaxed)",
    };

    private static string Mode(in Operation op)
    {
        string mode = op.Mode == LockMode.Read ? " read" : "";
        bool whole = op.A == 0 && op.B == -1;
        return whole ? mode : string.Create(CultureInfo.InvariantCulture, $"{mode} [{(ulong)op.A}..{(ulong)op.B}]");
    }

    private string Now(Location location) => Words.Of(location, location.Value, machine);
}
