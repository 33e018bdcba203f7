using System.Reflection;
using System.Text;
using RcuModel.Exploration.Traces;
using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>
/// An execution that violated a rule, as it is kept: who took each step, and what came of it. It can be written to a file,
/// and run again with <see cref="Explorer.Replay"/> as long as the code still takes these steps.
/// </summary>
/// <remarks>docs/traces.md has the format. The same exploration gives the same bytes on every machine.</remarks>
public sealed record ExecutionTrace
{
    /// <summary>What the first field of every trace says.</summary>
    public const string FormatName = "rcumodel-trace";

    /// <summary>The version of the format that is written, and the newest that can be read.</summary>
    public const int FormatVersion = 1;

    /// <summary>A file that is larger is not read.</summary>
    public const int BytesMax = 32 << 20;

    /// <summary>Threads of a trace at most, the body among them.</summary>
    public const int ThreadsMax = 17;

    /// <summary>Steps of a trace at most: a livelock is as long as twice the largest limit.</summary>
    public const int StepsMax = (2 * ExplorationOptions.StepsMaxLimit) + 1;

    internal const string SequentialConsistency = "sc";

    internal const string TotalStoreOrder = "tso";

    internal const string MemoryGrain = "memory";

    internal const string LockGrain = "lock";

    /// <summary>The version of the tool that wrote it.</summary>
    public string Tool { get; init; } = ThisTool;

    /// <summary>What the body is called; null if it has no name.</summary>
    public string? Scenario { get; init; }

    /// <summary>The fault that was seeded; null for none.</summary>
    public Fault? Fault { get; init; }

    /// <summary>The memory model: sc, sequential consistency, or tso, total store order.</summary>
    public string MemoryModel { get; init; } = SequentialConsistency;

    /// <summary>How many lanes of the schedule a thread has: its own, and under tso that of its store buffer.</summary>
    internal int LanesPerThread => MemoryModel == TotalStoreOrder ? 2 : 1;

    /// <summary>The grain: lock if a step is about a lock as specification, memory if none is.</summary>
    public string Grain => Steps.Any(static step => step.Kind is
        OperationKind.Acquire or OperationKind.TryAcquire or OperationKind.Release or OperationKind.AwaitMany)
        ? LockGrain : MemoryGrain;

    /// <summary>The limit on steps under which it was found.</summary>
    public required int StepLimit { get; init; }

    /// <summary>How many operations of each thread might fail spuriously.</summary>
    public int SpuriousPerThread { get; init; }

    /// <summary>Whether an execution might end with threads that wait for ever.</summary>
    public bool AllowBlocked { get; init; }

    /// <summary>What kind of rule was violated.</summary>
    public required ViolationKind Kind { get; init; }

    /// <summary>The rule, in words.</summary>
    public required string Rule { get; init; }

    /// <summary>The number of the thread that violated it; -1 if it was none in particular.</summary>
    public required int Thread { get; init; }

    /// <summary>
    /// The number of the thread whose code runs on first when all steps are done; -1 if it does not matter. It is usually
    /// the one that violates the rule; of two plain accesses that race it is the earlier one.
    /// </summary>
    public required int GoesOn { get; init; }

    /// <summary>The threads, by number.</summary>
    public required IReadOnlyList<TraceThread> Threads { get; init; }

    /// <summary>The steps, in order.</summary>
    public required IReadOnlyList<TraceStep> Steps { get; init; }

    /// <summary>How large the execution was before it was made small; null if nobody tried.</summary>
    public ExecutionSize? MinimisedFrom { get; init; }

    /// <summary>Whether nothing more can be left out; if not, a limit ended the attempt.</summary>
    public bool IsMinimal { get; init; }

    /// <summary>How large the execution is.</summary>
    public ExecutionSize Size => ExecutionSize.Of(Steps.Select(static step => step.Thread));

    private static string ThisTool => typeof(ExecutionTrace).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Reads a trace.</summary>
    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    /// <exception cref="TraceFormatException">It is none, or not one that can be replayed.</exception>
    public static ExecutionTrace Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return TraceReader.Read(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>Reads a trace from a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TraceFormatException">It holds no trace that can be replayed.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static ExecutionTrace Load(string path) => TraceReader.Read(TraceFile.Read(path));

    /// <summary>The trace as a document; its lines end with a line feed on every machine.</summary>
    public string ToJson() => TraceWriter.Write(this);

    /// <summary>Writes the trace to a file, which is there as a whole or not at all; its folder is made if need be.</summary>
    /// <param name="path">The file; what it held before is replaced.</param>
    public void Save(string path) => TraceFile.Write(path, ToJson());

    /// <summary>Whether both have the same fields, steps and threads.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(ExecutionTrace? other) => other is not null && ToJson() == other.ToJson();

    /// <summary>Goes with <see cref="Equals(ExecutionTrace?)"/>.</summary>
    public override int GetHashCode() => ToJson().GetHashCode(StringComparison.Ordinal);
}
