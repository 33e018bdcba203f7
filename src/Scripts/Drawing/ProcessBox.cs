namespace RcuModel.Scripts;

/// <summary>A process with its VMAs inside.</summary>
internal sealed class ProcessBox(DumpedProcess process)
{
    public DumpedProcess Process { get; } = process;

    /// <summary>The nearest living process of those that led to this one by forks.</summary>
    public ProcessBox? Parent { get; set; }

    /// <summary>Whether there were others in between, which have exited.</summary>
    public bool IsParentDistant { get; set; }

    public List<ProcessBox> Children { get; } = [];

    public int Depth { get; set; }

    public List<VmaBox> Vmas { get; } = [];

    public Area Area { get; set; }
}

/// <summary>A VMA; or, without one, what a page table holds outside of all VMAs, which only a broken machine has.</summary>
internal sealed class VmaBox(DumpedVma? vma, string name, List<string> lines)
{
    public DumpedVma? Vma { get; } = vma;

    public string Name { get; } = name;

    public List<string> Lines { get; } = lines;

    public Port Port { get; } = new();
}
