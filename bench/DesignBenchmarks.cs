using BenchmarkDotNet.Attributes;
using RcuModel.Contention;
using RcuModel.Mm;

namespace RcuModel.Bench;

/// <summary>
/// What single operations of an address space cost with each design of the reverse map, for one thread: in a tree of 21 processes with 8
/// VMAs and 64 pages, of which each child has written half.
/// </summary>
public class DesignBenchmarks
{
    internal const int Processes = 16;
    internal const int Vmas = 16;
    internal const int NewPages = Vmas * PagesPerVma;

    private const int PagesPerVma = 2;

    private static readonly ContentionOptions s_options = new();

    private readonly MmStruct[] _children = new MmStruct[Processes];
    private ProcessTree _tree = null!;
    private MmStruct _leaf = null!;
    private Folio _shared = null!;
    private long _home;
    private long _away;

    /// <summary>Whose reverse map it is. The first is what the others are compared with.</summary>
    [ParamsSource(nameof(Designs))]
    public string Design { get; set; } = "";

    public static IEnumerable<string> Designs => ContentionDesign.Usual.Select(static design => design.Name);

    // Behind the VMAs of the tree, with a page between one and the next.
    private long FirstNew => (long)_tree.Stride * s_options.Vmas;

    [GlobalSetup]
    public void Plant()
    {
        _tree = new ProcessTree(ContentionDesign.Usual.First(design => design.Name == Design), s_options, static depth => depth < s_options.Depth ? s_options.Width : 0);
        _leaf = _tree.Leaves[0];
        _shared = _tree.All[0].EntryOf(_tree.PageOf(0))!.Folio!;
        _home = _tree.StartOf(0);
        _away = _home == 0 ? _tree.MovedTo(0) : 0;
    }

    [GlobalCleanup]
    public void Fell()
    {
        _tree.Check();
        _tree.Dispose();
    }

    /// <summary>A walk of a folio that all map.</summary>
    [Benchmark]
    public int Walk()
    {
        _shared.Lock.Lock();
        int references = _tree.System.CountReferences(_shared);
        _shared.Lock.Unlock();
        return references;
    }

    [Benchmark(OperationsPerInvoke = Processes)]
    public void Fork() => MakeChildren();

    [IterationCleanup(Target = nameof(Fork))]
    public void AfterFork() => EndChildren();

    [IterationSetup(Target = nameof(Exit))]
    public void BeforeExit() => MakeChildren();

    [Benchmark(OperationsPerInvoke = Processes)]
    public void Exit() => EndChildren();

    [IterationSetup(Target = nameof(Fault))]
    public void BeforeFault() => MapNew();

    /// <summary>A fault in a VMA of which half the pages are the first that are there.</summary>
    [Benchmark(OperationsPerInvoke = NewPages)]
    public void Fault() => WriteNew();

    [IterationCleanup(Target = nameof(Fault))]
    public void AfterFault() => UnmapNew();

    [IterationSetup(Target = nameof(FaultCopy))]
    public void BeforeFaultCopy() => MakeChildren();

    /// <summary>A fault that copies a page which is shared since a fork.</summary>
    [Benchmark(OperationsPerInvoke = Processes)]
    public void FaultCopy()
    {
        foreach (MmStruct child in _children)
            ProcessTree.Must(child.Write(_home, 1));
    }

    [IterationCleanup(Target = nameof(FaultCopy))]
    public void AfterFaultCopy() => EndChildren();

    [IterationSetup(Target = nameof(Unmap))]
    public void BeforeUnmap()
    {
        MapNew();
        WriteNew();
    }

    [Benchmark(OperationsPerInvoke = Vmas)]
    public void Unmap() => UnmapNew();

    /// <summary>There and back.</summary>
    [Benchmark(OperationsPerInvoke = 2)]
    public void Remap()
    {
        ProcessTree.Must(_leaf.Remap(_home, _tree.PagesPerVma, _tree.PagesPerVma, _away));
        ProcessTree.Must(_leaf.Remap(_away, _tree.PagesPerVma, _tree.PagesPerVma, _home));
    }

    private void MakeChildren()
    {
        for (int i = 0; i < Processes; i++)
        {
            _children[i] = _leaf.Fork("child", out Errno error)!;
            ProcessTree.Must(error);
        }
    }

    private void EndChildren()
    {
        foreach (MmStruct child in _children)
            child.Put();
    }

    private void MapNew()
    {
        for (int vma = 0; vma < Vmas; vma++)
            ProcessTree.Must(_leaf.Map(NewStart(vma), PagesPerVma));
    }

    private void WriteNew()
    {
        for (int vma = 0; vma < Vmas; vma++)
        {
            for (int page = 0; page < PagesPerVma; page++)
                ProcessTree.Must(_leaf.Write(NewStart(vma) + page, page));
        }
    }

    private void UnmapNew()
    {
        for (int vma = 0; vma < Vmas; vma++)
            ProcessTree.Must(_leaf.Unmap(NewStart(vma), PagesPerVma));
    }

    private long NewStart(int vma) => FirstNew + (vma * (PagesPerVma + 1));
}
