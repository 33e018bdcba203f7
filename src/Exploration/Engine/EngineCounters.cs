namespace RcuModel.Exploration.Engine;

/// <summary>What an engine has done so far.</summary>
internal sealed class EngineCounters
{
    public long Executions;

    /// <summary>Executions that ended with a thread waiting for ever.</summary>
    public long Blocked;

    /// <summary>Executions that the reduction began in vain: there must be none.</summary>
    public long Redundant;

    /// <summary>Executions that the step limit cut short.</summary>
    public long Cut;

    /// <summary>The classes seen, up to <see cref="ClassesMax"/>.</summary>
    public readonly HashSet<ulong> Classes = [];

    /// <summary>Beyond this many classes the count is a lower bound: long runs must not grow without end.</summary>
    public const int ClassesMax = 1 << 20;

    public long Steps;
    public long Switches;
    public int DeepestTrace;
    public int LabelsReached;

    /// <summary>Whether the strategy has explored everything.</summary>
    public bool Exhausted;
}
