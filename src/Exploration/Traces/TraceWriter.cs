using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Traces;

/// <summary>Writes a trace: a field a line, a thread a line, a step a line, so that two of them can be compared by eye.</summary>
internal static class TraceWriter
{
    public static string Write(ExecutionTrace trace)
    {
        TraceJson json = TraceDocument.Json;
        var text = new StringBuilder("{\n");
        Field("format", ExecutionTrace.FormatName, json.String);
        Field("version", ExecutionTrace.FormatVersion, json.Int32);
        Field("tool", trace.Tool, json.String);
        if (trace.Scenario is { } scenario)
            Field("scenario", scenario, json.String);
        if (trace.Fault is { } fault)
            Field("fault", Of(fault), json.FaultEntry);
        Field("memoryModel", trace.MemoryModel, json.String);
        Field("grain", trace.Grain, json.String);
        Field("options", new() { Steps = trace.StepLimit, Spurious = trace.SpuriousPerThread, AllowBlocked = trace.AllowBlocked },
            json.OptionsEntry);
        Field("violation", Of(trace), json.ViolationEntry);
        Field("size", Of(trace.Size), json.SizeEntry);
        if (trace.MinimisedFrom is { } from)
            Field("minimised", new() { From = Of(from), Complete = trace.IsMinimal }, json.MinimisedEntry);
        List("threads", trace.Threads.Select((thread, number) => Of(thread, number)), json.ThreadEntry);
        text.Append(",\n");
        List("steps", trace.Steps.Select(step => Of(step, trace.Threads)), json.StepEntry);
        return text.Append("\n}\n").ToString();

        void Field<T>(string name, T value, JsonTypeInfo<T> type) => text
            .Append("  \"").Append(name).Append("\": ").Append(JsonSerializer.Serialize(value, type)).Append(",\n");

        void List<T>(string name, IEnumerable<T> values, JsonTypeInfo<T> type)
        {
            text.Append("  \"").Append(name).Append("\": [");
            string separator = "\n    ";
            foreach (T value in values)
            {
                text.Append(separator).Append(JsonSerializer.Serialize(value, type));
                separator = ",\n    ";
            }

            text.Append("\n  ]");
        }
    }

    private static TraceDocument.FaultEntry Of(Fault fault) => new()
    {
        Name = fault.Name,
        Kind = fault.Kind.ToString(),
        Cell = fault.Cell,
        Change = fault.Change.ToString(),
        Order = fault.Order?.ToString(),
        File = fault.File.Length > 0 ? fault.File : null,
        Thread = fault.Thread,
        Occurrence = fault.Occurrence > 0 ? fault.Occurrence : null,
        PartShift = fault.Part?.Shift,
        PartBits = fault.Part?.Bits,
        Operand = fault.Operand,
        Past = fault.Past > 1 ? fault.Past : null,
    };

    private static TraceDocument.ViolationEntry Of(ExecutionTrace trace) => new()
    {
        Kind = trace.Kind.ToString(),
        Rule = trace.Rule,
        Thread = trace.Thread >= 0 ? trace.Thread : null,
        GoesOn = trace.GoesOn >= 0 ? trace.GoesOn : null,
    };

    private static TraceDocument.SizeEntry Of(ExecutionSize size) =>
        new() { Threads = size.Threads, Switches = size.Switches, Steps = size.Steps };

    private static TraceDocument.ThreadEntry Of(TraceThread thread, int number) => new()
    {
        Number = number,
        Name = thread.Name,
        Parent = number > 0 ? thread.Parent : null,
        Child = number > 0 ? thread.Child : null,
    };

    private static TraceDocument.StepEntry Of(TraceStep step, IReadOnlyList<TraceThread> threads) => new()
    {
        Thread = step.Thread,
        Name = threads[step.Thread].Name,
        Buffer = step.IsBuffer ? true : null,
        Kind = step.Kind.ToString(),
        Place = step.Place.Length > 0 ? step.Place : null,
        Choice = step.Kind == OperationKind.Choose ? step.Choice : null,
        Read = step.Read,
        Written = step.Written,
        Source = step.Source,
    };
}
