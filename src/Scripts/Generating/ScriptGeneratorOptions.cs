namespace RcuModel.Scripts;

/// <summary>What random scripts are like.</summary>
public sealed record ScriptGeneratorOptions
{
    /// <summary>Operations of a script, dumps not counted.</summary>
    public int Operations { get; init; } = 40;

    /// <summary>Processes that live at the same time, at most.</summary>
    public int Processes { get; init; } = 8;

    /// <summary>Operations between two dumps. There is one at the end in any case.</summary>
    public int DumpEvery { get; init; } = 8;

    /// <summary>Whether scripts deal in huge pages.</summary>
    public bool LargeFolios { get; init; }

    /// <summary>Whether scripts have KSM share equal pages.</summary>
    public bool SharedPages { get; init; }

    /// <summary>Operations that do not occur. Without mmap there is no script.</summary>
    public IReadOnlyCollection<ScriptVerb> WithoutVerbs { get; init; } = [];

    /// <summary>Whether mappings of the file do not occur.</summary>
    public bool WithoutFile { get; init; }

    /// <summary>Advice that does not occur.</summary>
    public IReadOnlyCollection<Advice> WithoutAdvice { get; init; } = [];
}
