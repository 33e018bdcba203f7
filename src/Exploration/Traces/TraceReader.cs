using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Traces;

/// <summary>Reads a trace, and believes nothing that it has not looked at: a file may come from anywhere.</summary>
internal static class TraceReader
{
    private const int SpuriousMax = 1_000_000;

    // A thread that starts more others than this has long met the limit on threads.
    private const int ChildrenMax = 1_000;

    private static readonly byte[] s_mark = [0xef, 0xbb, 0xbf];

    public static ExecutionTrace Read(ReadOnlySpan<byte> bytes)
    {
        // Some editors put a byte order mark in front of what they save.
        if (bytes.StartsWith(s_mark))
            bytes = bytes[s_mark.Length..];
        if (bytes.Trim(" \t\r\n"u8).IsEmpty)
            throw new TraceFormatException("it is empty");
        try
        {
            TraceDocument.Head? head = JsonSerializer.Deserialize(bytes, TraceDocument.Json.Head);
            if (head?.Format != ExecutionTrace.FormatName)
                throw new TraceFormatException($"it is JSON but no trace: its \"format\" is not \"{ExecutionTrace.FormatName}\"");
            if (head.Version > ExecutionTrace.FormatVersion)
            {
                throw new TraceFormatException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"it has version {head.Version} of the format, and this tool reads up to {ExecutionTrace.FormatVersion}: a newer tool is needed"));
            }

            if (head.Version is not > 0)
                throw new TraceFormatException("it is damaged: \"version\" is missing or below 1");
            return Of(JsonSerializer.Deserialize(bytes, TraceDocument.Json.TraceDocument)!);
        }
        catch (JsonException cause)
        {
            string where = cause.Path is { Length: > 1 and < 200 } path && !path.Any(char.IsControl) ? $", at {path}" : "";
            throw new TraceFormatException(
                string.Create(CultureInfo.InvariantCulture, $"it is damaged: line {(cause.LineNumber ?? 0) + 1} does not read as it should{where}"),
                cause);
        }
    }

    private static ExecutionTrace Of(TraceDocument document)
    {
        if (document.MemoryModel is not (ExecutionTrace.SequentialConsistency or ExecutionTrace.TotalStoreOrder))
        {
            throw new TraceFormatException(
                $"its memory model is {Quoted(document.MemoryModel)}, and only \"{ExecutionTrace.SequentialConsistency}\" and "
                + $"\"{ExecutionTrace.TotalStoreOrder}\" can be replayed");
        }

        bool buffers = document.MemoryModel == ExecutionTrace.TotalStoreOrder;

        IReadOnlyList<TraceThread> threads = ThreadsOf(Required(document.Threads, "threads"));
        TraceDocument.ViolationEntry violation = Required(document.Violation, "violation");
        TraceDocument.OptionsEntry options = Required(document.Options, "options");
        TraceDocument.SizeEntry? from = document.Minimised?.From;
        return new ExecutionTrace
        {
            Tool = document.Tool ?? "",
            Scenario = document.Scenario,
            MemoryModel = document.MemoryModel,
            Fault = document.Fault is { } fault ? Of(fault) : null,
            StepLimit = Within(options.Steps, 1, ExplorationOptions.StepsMaxLimit, "options.steps"),
            SpuriousPerThread = Within(options.Spurious, 0, SpuriousMax, "options.spurious"),
            AllowBlocked = options.AllowBlocked ?? false,
            Kind = Named<ViolationKind>(violation.Kind, "violation.kind"),
            Rule = Required(violation.Rule, "violation.rule"),
            Thread = Within(violation.Thread ?? -1, -1, threads.Count - 1, "violation.thread"),
            GoesOn = Within(violation.GoesOn ?? -1, -1, threads.Count - 1, "violation.goesOn"),
            Threads = threads,
            Steps = StepsOf(Required(document.Steps, "steps"), threads.Count, buffers),
            MinimisedFrom = from is null ? null : new ExecutionSize(
                Within(from.Threads, 0, int.MaxValue, "minimised.from.threads"),
                Within(from.Switches, 0, int.MaxValue, "minimised.from.switches"),
                Within(from.Steps, 0, int.MaxValue, "minimised.from.steps")),
            IsMinimal = document.Minimised?.Complete ?? false,
        };
    }

    private static Fault Of(TraceDocument.FaultEntry fault)
    {
        OperationKind kind = Named<OperationKind>(fault.Kind, "fault.kind");
        FaultChange change = Named<FaultChange>(fault.Change, "fault.change");
        if (!Fault.IsPossible(kind, change))
            throw Damaged($"\"fault.change\" is \"{fault.Change}\", which a {fault.Kind} cannot have");
        return new Fault(Required(fault.Name, "fault.name"), kind, Required(fault.Cell, "fault.cell"), change)
        {
            Order = fault.Order is null ? null : Named<Order>(fault.Order, "fault.order"),
            File = fault.File ?? "",
            Thread = fault.Thread is null ? null : Within(fault.Thread, 0, ExecutionTrace.ThreadsMax - 1, "fault.thread"),
            Occurrence = Within(fault.Occurrence ?? 0, 0, int.MaxValue, "fault.occurrence"),
            Part = fault.PartShift is null && fault.PartBits is null ? null : PartOf(fault),
            Operand = fault.Operand,
            Past = Within(fault.Past ?? 1, 1, int.MaxValue, "fault.past"),
        };
    }

    private static WordField PartOf(TraceDocument.FaultEntry fault)
    {
        int bits = Within(fault.PartBits, 8, 32, "fault.partBits");
        int shift = Within(fault.PartShift, 0, 64 - bits, "fault.partShift");
        if (bits is not (8 or 16 or 32) || shift % bits != 0)
            throw Damaged("fault.partBits and fault.partShift name no part of a word");
        return new WordField((byte)shift, (byte)bits);
    }

    private static List<TraceThread> ThreadsOf(List<TraceDocument.ThreadEntry?> entries)
    {
        if (entries.Count is 0 or > ExecutionTrace.ThreadsMax)
            throw Damaged(string.Create(CultureInfo.InvariantCulture, $"it has {entries.Count} threads, and 1 to {ExecutionTrace.ThreadsMax} are possible"));
        var threads = new List<TraceThread>(entries.Count);
        var known = new HashSet<(int Parent, int Child)>();
        for (int t = 0; t < entries.Count; t++)
        {
            string where = string.Create(CultureInfo.InvariantCulture, $"threads[{t}]");
            TraceDocument.ThreadEntry entry = Required(entries[t], where);
            string name = Required(entry.Name, $"{where}.name");
            if (t == 0)
            {
                threads.Add(new TraceThread(name, -1, 0));
                continue;
            }

            // Whoever starts a thread was started before it, so its number is smaller.
            int parent = Within(entry.Parent, 0, t - 1, $"{where}.parent");
            int child = Within(entry.Child, 0, ChildrenMax, $"{where}.child");
            if (!known.Add((parent, child)))
                throw Damaged($"{where} is the same child of the same thread as another one");
            threads.Add(new TraceThread(name, parent, child));
        }

        return threads;
    }

    private static List<TraceStep> StepsOf(List<TraceDocument.StepEntry?> entries, int threads, bool buffers)
    {
        if (entries.Count > ExecutionTrace.StepsMax)
            throw Damaged(string.Create(CultureInfo.InvariantCulture, $"it has {entries.Count} steps, and {ExecutionTrace.StepsMax} are possible"));
        var steps = new List<TraceStep>(entries.Count);
        for (int s = 0; s < entries.Count; s++)
        {
            string where = string.Create(CultureInfo.InvariantCulture, $"steps[{s}]");
            TraceDocument.StepEntry entry = Required(entries[s], where);
            if (entry.Buffer == true && !buffers)
                throw Damaged($"{where} is of a store buffer, and there are none under {ExecutionTrace.SequentialConsistency}");
            steps.Add(new TraceStep
            {
                Thread = Within(entry.Thread, 0, threads - 1, $"{where}.thread"),
                IsBuffer = entry.Buffer ?? false,
                Kind = Named<OperationKind>(entry.Kind, $"{where}.kind"),
                Place = entry.Place ?? "",
                Choice = Within(entry.Choice ?? 0, 0, Execution.AlternativesMax - 1, $"{where}.choice"),
                Read = entry.Read,
                Written = entry.Written,
                Source = entry.Source,
            });
        }

        return steps;
    }

    private static T Required<T>([NotNull] T? value, string where)
        where T : class => value ?? throw Damaged($"\"{where}\" is missing");

    private static int Within(int? value, int min, int max, string where) => value is { } number && number >= min && number <= max
        ? number
        : throw Damaged(value is null
            ? $"\"{where}\" is missing"
            : string.Create(CultureInfo.InvariantCulture, $"\"{where}\" is {value}, and {min} to {max} is possible"));

    // By name only: numbers would change their meaning when a name is put in between.
    private static T Named<T>(string? name, string where)
        where T : struct, Enum => name is not null && Array.IndexOf(Enum.GetNames<T>(), name) >= 0
        ? Enum.Parse<T>(name)
        : throw Damaged($"\"{where}\" is {Quoted(name)}, which is none that this tool knows");

    private static TraceFormatException Damaged(string why) => new($"it is damaged: {why}");

    private static string Quoted(string? text)
    {
        if (text is null)
            return "missing";
        string shown = text.Length > 40 ? $"{text[..40]}…" : text;
        return $"\"{string.Concat(shown.Select(static c => char.IsControl(c) ? ' ' : c))}\"";
    }
}
