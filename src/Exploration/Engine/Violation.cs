namespace RcuModel.Exploration;

/// <summary>What was wrong with an execution, and how to come there again.</summary>
public sealed class Violation
{
    internal Violation(ViolationKind kind, string rule, string thread, byte[] schedule, ushort[] choices)
    {
        Kind = kind;
        Rule = rule;
        Thread = thread;
        Schedule = schedule;
        Choices = choices;
    }

    /// <summary>What kind of rule was violated.</summary>
    public ViolationKind Kind { get; }

    /// <summary>The rule, in words, with names and values.</summary>
    public string Rule { get; }

    /// <summary>The thread that violated it; empty if it was none in particular.</summary>
    public string Thread { get; }

    /// <summary>The number of the execution that violated it, from 1.</summary>
    public long Execution { get; internal set; }

    /// <summary>The execution as one column a thread, in the manner of a kernel report.</summary>
    public string Report { get; internal set; } = "";

    /// <summary>The thread whose code came to it; -1 if it was none in particular.</summary>
    internal int LastThread { get; init; }

    /// <summary>Which thread took each step.</summary>
    internal byte[] Schedule { get; }

    /// <summary>The branches taken, in the order of the steps.</summary>
    internal ushort[] Choices { get; }
}
