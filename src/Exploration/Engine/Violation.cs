using RcuModel.Exploration.Reporting;

namespace RcuModel.Exploration;

/// <summary>What was wrong with an execution, and how to come there again.</summary>
public sealed class Violation
{
    /// <summary>The narrowest page that a report can be drawn on.</summary>
    public const int WidthMin = 40;

    private string? _report;

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

    /// <summary>
    /// The execution, to be saved and replayed. Null if there is none to show (a state that is not reached) or if the body
    /// is not deterministic, so that no execution can be repeated.
    /// </summary>
    public ExecutionTrace? Trace { get; internal set; }

    /// <summary>The execution as one column a thread, in the manner of a kernel report; empty if there is none to show.</summary>
    public string Report => _report ??= Picture is { } picture ? Drawing.Draw(picture) : "";

    /// <summary>The report on a page of limited width: nothing goes beyond it.</summary>
    /// <param name="width">Letters in a line at most; 40 at least.</param>
    public string Draw(int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, WidthMin);
        return Picture is { } picture ? Drawing.Draw(picture, width) : "";
    }

    /// <summary>Has reports say something below the rule that only whoever knows the body can know.</summary>
    /// <param name="remark">It, in a line.</param>
    public void Remark(string remark)
    {
        if (Picture is { } picture)
            Picture = picture with { Remarks = [.. picture.Remarks, remark] };
        _report = null;
    }

    /// <summary>What is drawn; null if there is nothing to show.</summary>
    internal Picture? Picture { get; set; }

    /// <summary>The thread whose code came to it; -1 if it was none in particular.</summary>
    internal int LastThread { get; init; }

    /// <summary>Which thread took each step.</summary>
    internal byte[] Schedule { get; }

    /// <summary>The branches taken, in the order of the steps.</summary>
    internal ushort[] Choices { get; }
}
