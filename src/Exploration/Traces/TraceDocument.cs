using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RcuModel.Exploration.Traces;

/// <summary>A trace as its file has it, field by field; docs/traces.md and docs/traces.schema.json describe them.</summary>
internal sealed class TraceDocument
{
    /// <summary>How all of it is read and written: arrows and quotes are left as they are.</summary>
    internal static TraceJson Json { get; } = new(new JsonSerializerOptions(TraceJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public string? Format { get; set; }

    public int? Version { get; set; }

    public string? Tool { get; set; }

    public string? Scenario { get; set; }

    public FaultEntry? Fault { get; set; }

    public string? MemoryModel { get; set; }

    public string? Grain { get; set; }

    public OptionsEntry? Options { get; set; }

    public ViolationEntry? Violation { get; set; }

    public SizeEntry? Size { get; set; }

    public MinimisedEntry? Minimised { get; set; }

    public List<ThreadEntry?>? Threads { get; set; }

    public List<StepEntry?>? Steps { get; set; }

    /// <summary>What is looked at first: of a newer version nothing else may be relied on.</summary>
    internal sealed class Head
    {
        public string? Format { get; set; }

        public long? Version { get; set; }
    }

    internal sealed class FaultEntry
    {
        public string? Name { get; set; }

        public string? Kind { get; set; }

        public string? Cell { get; set; }

        public string? Change { get; set; }

        public string? Order { get; set; }

        public string? File { get; set; }

        public int? Thread { get; set; }

        public int? Occurrence { get; set; }

        public int? PartShift { get; set; }

        public int? PartBits { get; set; }

        public long? Operand { get; set; }

        public int? Past { get; set; }
    }

    internal sealed class OptionsEntry
    {
        public int? Steps { get; set; }

        public int? Spurious { get; set; }

        public bool? AllowBlocked { get; set; }
    }

    internal sealed class ViolationEntry
    {
        public string? Kind { get; set; }

        public string? Rule { get; set; }

        public int? Thread { get; set; }

        public int? GoesOn { get; set; }
    }

    internal sealed class SizeEntry
    {
        public int? Threads { get; set; }

        public int? Switches { get; set; }

        public int? Steps { get; set; }
    }

    internal sealed class MinimisedEntry
    {
        public SizeEntry? From { get; set; }

        public bool? Complete { get; set; }
    }

    internal sealed class ThreadEntry
    {
        public int? Number { get; set; }

        public string? Name { get; set; }

        public int? Parent { get; set; }

        public int? Child { get; set; }
    }

    internal sealed class StepEntry
    {
        public int? Thread { get; set; }

        public string? Name { get; set; }

        public bool? Buffer { get; set; }

        public string? Kind { get; set; }

        public string? Place { get; set; }

        public int? Choice { get; set; }

        public string? Read { get; set; }

        public string? Written { get; set; }

        public string? Source { get; set; }
    }
}

/// <summary>How the fields are written: no reflection, and no field without a value.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = 8)]
[JsonSerializable(typeof(TraceDocument))]
[JsonSerializable(typeof(TraceDocument.Head))]
[JsonSerializable(typeof(TraceDocument.StepEntry))]
internal sealed partial class TraceJson : JsonSerializerContext;
