using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>What bounds a single execution.</summary>
internal sealed record EngineLimits
{
    /// <summary>When a store is seen by other threads.</summary>
    public MemoryModel Memory { get; init; }

    /// <summary>Threads of a body, the body itself among them. A store buffer takes a lane of the clocks, too.</summary>
    public int ThreadsMax => Memory == MemoryModel.Sc ? 17 : Clock.Lanes / 2;

    /// <summary>Steps of an execution; beyond it threads take turns, and if that does not end it either, it is a livelock.</summary>
    public int StepsMax { get; init; } = 10_000;

    /// <summary>How many operations of each thread may fail spuriously.</summary>
    public int SpuriousPerThread { get; init; }

    /// <summary>Whether the first violation ends the exploration.</summary>
    public bool StopAtFirst { get; init; } = true;

    /// <summary>
    /// Whether, although the first violation ends its execution, the next execution is run: as when many are compared.
    /// </summary>
    public bool RunsOn { get; init; }

    /// <summary>Whether an execution may end with threads that wait for ever.</summary>
    public bool AllowBlocked { get; init; }

    /// <summary>Whether the classes of the executions are told apart and counted, as samplers do.</summary>
    public bool CountClasses { get; init; }

    /// <summary>A fault to seed.</summary>
    public Fault? Fault { get; init; }
}
