using RcuModel.Mm;

namespace RcuModel.Scripts;

/// <summary>Executes a script on the model of memory management, with any design of the reverse map.</summary>
public sealed class ModelMachine : IScriptMachine
{
    private const string FirstProcess = "p0";

    private const int KsmRounds = 4;

    // Linux as it comes.
    private const int FaultAroundPages = 16;


    private readonly ModelDesign _design;
    private readonly MmSystem _system;
    private readonly List<MmStruct> _processes = [];
    private MappedFile? _file;

    /// <summary>Creates a machine with one process, p0.</summary>
    /// <param name="design">The design of the reverse map.</param>
    /// <param name="rules">Which version of Linux.</param>
    /// <param name="bugs">What the model gets wrong, for who wants to see that found.</param>
    public ModelMachine(ModelDesign design, KernelRules rules, Bugs bugs = Bugs.None)
    {
        _design = design;
        var config = new MmConfig
        {
            Rules = rules,
            Bugs = bugs,
            LargeFolios = true,
            FaultSizes = 1 << ScriptOperation.HugeOrder,
            ReclaimsTables = true,
            FaultAroundPages = FaultAroundPages,
            SharesEqualPages = true,
        };
        _system = new MmSystem(config, design.ReverseMap);
        _processes.Add(MmStruct.Create(_system, FirstProcess)!);
    }

    /// <summary>The machine that the processes run on.</summary>
    public MmSystem System => _system;

    // Nothing of it is in memory at the start.
    private MappedFile File => _file ??= new MappedFile(_system, ScriptOperation.FileLength);

    /// <summary>The living processes, the oldest first.</summary>
    public IReadOnlyList<MmStruct> Processes => _processes;

    /// <inheritdoc/>
    public Errno Execute(ScriptOperation operation)
    {
        if (ScriptOperation.IsOfMachine(operation.Verb))
            return ExecuteOnMachine(operation);
        MmStruct mm = _processes.Find(process => process.Name == operation.Process)!;
        long start = operation.Start;
        long length = operation.Length;
        switch (operation.Verb)
        {
            case ScriptVerb.Mmap:
                return operation.FilePage is { } filePage
                    ? mm.MapFile(start, length, FlagsOf(operation.Protection), File, filePage)
                    : mm.Map(start, length, FlagsOf(operation.Protection));
            case ScriptVerb.Munmap:
                return mm.Unmap(start, length);
            case ScriptVerb.Mremap:
                return mm.Remap(start, length, length, operation.NewStart);
            case ScriptVerb.Dontunmap:
                return mm.Remap(start, length, length, operation.NewStart, dontUnmap: true);
            case ScriptVerb.Uffdmove:
                return mm.MoveByUserfault(start, length, operation.NewStart, operation.AllowHoles);
            case ScriptVerb.Resize:
                return mm.Resize(start, length, operation.NewLength);
            case ScriptVerb.Mprotect:
                return mm.Protect(start, length, FlagsOf(operation.Protection));
            case ScriptVerb.Madvise:
                return mm.Advise(start, length, AdviceOf(operation));
            case ScriptVerb.Read:
            case ScriptVerb.Write:
                return Access(mm, operation);
            case ScriptVerb.Fork:
                if (mm.Fork(operation.Child, out Errno error) is not { } child)
                    return error;
                _processes.Add(child);
                return Errno.None;
            case ScriptVerb.Exit:
                _processes.Remove(mm);
                mm.Put();
                return Errno.None;
            default:
                throw new ArgumentException($"A machine does not execute a {ScriptOperation.WordOf(operation.Verb)}.", nameof(operation));
        }
    }

    /// <inheritdoc/>
    public MmDump Dump()
    {
        var dump = new DumpBuilder(_design.ContentsOf);
        var folios = new Dictionary<Folio, (LargeFolioCounts Counts, DumpedFolio Shown)?>(ReferenceEqualityComparer.Instance);
        foreach (MmStruct mm in _processes)
        {
            dump.AddProcess(mm.Name);
            foreach (Vma vma in mm.AllVmas)
            {
                dump.AddVma(
                    (int)vma.Start.ReadOnce(), (int)vma.End.ReadOnce(), ProtectionOf(vma.Flags.ReadOnce()), vma.PageOffset.ReadOnce(),
                    _design.AnonOf(vma), _design.ChainOf(vma), vma.File.ReadOnce() is not null);
            }

            for (int page = 0; page < ScriptOperation.PageLimit; page++)
            {
                if (mm.EntryOf(page) is { } entry)
                    Add(dump, mm, page, entry, folios);
            }
        }

        return dump.Build();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MmStruct mm in _processes)
            mm.Put();
        _processes.Clear();
        _system.Dispose();
    }

    private void Add(DumpBuilder dump, MmStruct mm, int page, Pte entry, Dictionary<Folio, (LargeFolioCounts Counts, DumpedFolio Shown)?> folios)
    {
        if (!entry.IsPresent)
        {
            dump.AddSwapped(page);
            return;
        }

        Folio folio = entry.Folio!;
        if (_system.IsZero(folio))
        {
            dump.AddZero(page, mm.IsHuge(page));
            return;
        }

        if (folio.Mapping.ReadOnce() is KsmNode)
        {
            dump.AddKsmFrame(page, folio, folio.MapCount.ReadOnce(), folio.AnonExclusive.ReadOnce());
            return;
        }

        if (folio.Mapping.ReadOnce() is FileMapping)
        {
            dump.AddFileFrame(page, folio, folio.MapCount.ReadOnce(), folio.Index.ReadOnce());
            return;
        }

        if (!folios.TryGetValue(folio, out (LargeFolioCounts Counts, DumpedFolio Shown)? large))
            folios.Add(folio, large = LargeFolioCounts.Of(folio) is { } found ? (found, Dumped(folio, found)) : null);
        long index = folio.Index.ReadOnce() + entry.Sub;
        if (large is not { } known)
        {
            dump.AddFrame(page, folio, folio.MapCount.ReadOnce(), _design.AnonOf(folio), index, folio.AnonExclusive.ReadOnce());
            return;
        }

        bool isHuge = mm.IsHuge(page);
        dump.AddLargeFrame(
            page, folio, entry.Sub, known.Shown, known.Counts.OfPages[entry.Sub] + known.Counts.Entire, _design.AnonOf(folio), index,
            isHuge ? folio.AnonExclusive.ReadOnce() : folio.ExclusiveOf(entry.Sub).ReadOnce(), isHuge);
    }

    private static DumpedFolio Dumped(Folio folio, LargeFolioCounts counts) => new(
        int.Log2(counts.Pages), folio.MapCount.ReadOnce(), counts.Entire, counts.OfPages.Count(static count => count > 0),
        [.. counts.Shares.Select(static share => new DumpedShare(share.Mm.Name, share.Count))], counts.IsMaybeShared, counts.IsPartial);

    // A page is merged in the second round after it was written, and one that was forked in the one behind that. More change nothing.
    private void ShareEqualPages()
    {
        for (int i = 0; i < KsmRounds; i++)
            _system.Ksm!.Scan();
    }

    // Few, so that there are equal ones. The kernel's runner writes the same.
    private static long ContentOf(long page) => 1 + (page % 3);

    private Errno ExecuteOnMachine(ScriptOperation operation)
    {
        // An order is the logarithm of a number of pages, which is its bit among the sizes.
        if (operation.Verb == ScriptVerb.Thp)
            _system.FaultSizes = ScriptOperation.OrdersOf(operation.Orders).Sum(static order => 1 << order);
        else if (operation.Verb == ScriptVerb.Ksm)
            ShareEqualPages();
        else
            _system.SplitPartial(_processes);
        return Errno.None;
    }

    // A page at a time, as the kernel's runner does: what comes before the first failure has happened.
    private static Errno Access(MmStruct mm, ScriptOperation operation)
    {
        for (long page = operation.Start; page < operation.Start + operation.Length; page++)
        {
            Errno error = operation.Verb == ScriptVerb.Write ? mm.Write(page, ContentOf(page)) : mm.Read(page, out _);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    private static Mm.Advice AdviceOf(ScriptOperation operation) => operation.Advice switch
    {
        Advice.Dontneed => Mm.Advice.DontNeed,
        Advice.Pageout => Mm.Advice.PageOut,
        Advice.Free => Mm.Advice.Free,
        Advice.Dontfork => Mm.Advice.DontFork,
        Advice.Dofork => Mm.Advice.DoFork,
        Advice.Wipeonfork => Mm.Advice.WipeOnFork,
        Advice.Mergeable => Mm.Advice.Mergeable,
        Advice.Unmergeable => Mm.Advice.Unmergeable,
        Advice.Hugepage => Mm.Advice.HugePage,
        Advice.Nohugepage => Mm.Advice.NoHugePage,
        Advice.Collapse => Mm.Advice.Collapse,
        Advice.Dontdump => Mm.Advice.DontDump,
        _ => Mm.Advice.DoDump,
    };

    private static VmFlags FlagsOf(Protection protection) =>
        ((protection & Protection.Read) != 0 ? VmFlags.Read : VmFlags.None)
        | ((protection & Protection.Write) != 0 ? VmFlags.Write : VmFlags.None)
        | ((protection & Protection.Exec) != 0 ? VmFlags.Exec : VmFlags.None);

    private static Protection ProtectionOf(VmFlags flags) =>
        ((flags & VmFlags.Read) != 0 ? Protection.Read : Protection.None)
        | ((flags & VmFlags.Write) != 0 ? Protection.Write : Protection.None)
        | ((flags & VmFlags.Exec) != 0 ? Protection.Exec : Protection.None);
}
