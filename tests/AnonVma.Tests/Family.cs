using System.Globalization;
using RcuModel.Mm;
using RcuModel.Scripts;

namespace RcuModel.AnonVmas.Tests;

/// <summary>
/// Processes that fork, fault and exit, without pages: what the reverse map is told, and nothing else. The first is p0, if there is
/// memory for it.
/// </summary>
internal sealed class Family
{
    private readonly List<(string Name, MmStruct Mm)> _living = [];

    public Family(MmConfig? config = null)
    {
        System = new MmSystem(config ?? new MmConfig(), Map);
        if (MmStruct.Create(System, "p0") is { } mm)
            _living.Add(("p0", mm));
    }

    public AnonVmaMap Map { get; } = new();

    public MmSystem System { get; }

    public IEnumerable<MmStruct> Mms => _living.Select(static process => process.Mm);

    public MmStruct this[string name] => _living.Single(process => process.Name == name).Mm;

    public Vma Vma(string name, long page) => this[name].Lookup(page)!;

    /// <summary>Maps a range, with an offset of its own; null if there is no memory. Two that could be merged are not.</summary>
    public Vma? TryAdd(string name, long start, long pages, VmFlags flags = VmFlags.Read | VmFlags.Write, long? pageOffset = null)
    {
        MmStruct mm = this[name];
        mm.WriteLock();
        Vma? vma = System.Vmas.Allocate(mm, start, start + pages, PageOffsets.Anonymous(pageOffset ?? start), flags);
        if (vma is not null)
            Attach(mm, vma);
        mm.WriteUnlock();
        return vma;
    }

    public Vma Add(string name, long start, long pages, VmFlags flags = VmFlags.Read | VmFlags.Write, long? pageOffset = null) =>
        TryAdd(name, start, pages, flags, pageOffset)!;

    public bool Fault(string name, long page)
    {
        MmStruct mm = this[name];
        mm.MmapLock.DownRead();
        bool prepared = Map.Prepare(mm.Lookup(page)!);
        mm.MmapLock.UpRead();
        return prepared;
    }

    /// <summary>False, and no child, if there is no memory.</summary>
    public bool Fork(string parentName, string childName)
    {
        MmStruct parent = this[parentName];
        if (MmStruct.Create(System, childName) is not { } child)
            return false;
        parent.WriteLock();
        _living.Add((childName, child));

        // Nobody else knows it, so its mmap lock need not be taken; its VMAs are locked as if it were.
        child.VmaLocks.BeginWrite();
        bool forked = parent.AllVmas.ToList().TrueForAll(vma => Fork(child, vma));
        child.VmaLocks.EndWriteAll();
        parent.WriteUnlock();
        if (!forked)
            Exit(childName);
        return forked;
    }

    public void Exit(string name)
    {
        MmStruct mm = this[name];
        mm.WriteLock();
        foreach (Vma vma in mm.AllVmas.ToList())
            Unmap(mm, vma);
        mm.WriteUnlock();
        _living.RemoveAll(process => process.Name == name);
    }

    public void Unmap(string name, long page)
    {
        MmStruct mm = this[name];
        mm.WriteLock();
        Unmap(mm, mm.Lookup(page)!);
        mm.WriteUnlock();
    }

    /// <summary>
    /// Does what a script of the kernel oracle says, as far as it consists of mmap, munmap of whole VMAs, write, fork and exit. VMAs
    /// that the kernel would merge are not to be mapped.
    /// </summary>
    public Family Run(string script)
    {
        foreach (string line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] words = line.Split(' ');
            switch (words[1])
            {
                case "mmap":
                    Add(words[0], Number(words[2]), Number(words[3]));
                    break;
                case "munmap":
                    Unmap(words[0], Number(words[2]));
                    break;
                case "write":
                    Assert.True(Fault(words[0], Number(words[2])));
                    break;
                case "fork":
                    Assert.True(Fork(words[0], words[2]));
                    break;
                case "exit":
                    Exit(words[0]);
                    break;
                default:
                    throw new ArgumentException(line);
            }
        }

        return this;

        static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
    }

    /// <summary>The canonical form of the kernel oracle, for readable and writable VMAs without pages.</summary>
    public string Dump()
    {
        var dump = new DumpBuilder(static shared =>
        {
            var anonVma = (AnonVma)shared;
            return new DumpBuilder.AnonContents(anonVma.Root, anonVma.Parent, anonVma.Children, anonVma.ActiveVmas);
        });
        foreach ((string name, MmStruct mm) in _living)
        {
            dump.AddProcess(name);
            foreach (Vma vma in mm.AllVmas)
            {
                dump.AddVma(
                    (int)vma.Start.ReadOnce(), (int)vma.End.ReadOnce(), Protection.Read | Protection.Write, vma.PageOffset.ReadOnce(),
                    AnonVmaMap.Of(vma), AnonVmaMap.ChainOf(vma));
            }
        }

        return dump.Build().ToString();
    }

    private static void Attach(MmStruct mm, Vma vma)
    {
        vma.Lock.StartWrite();
        vma.Lock.Attach();
        mm.Vmas.Store((ulong)vma.Start.ReadOnce(), (ulong)vma.End.ReadOnce() - 1, vma);
    }

    private bool Fork(MmStruct child, Vma parent)
    {
        Vma? vma = System.Vmas.Allocate(
            child, parent.Start.ReadOnce(), parent.End.ReadOnce(), parent.Offsets, parent.Flags.ReadOnce());
        if (vma is null)
            return false;
        if (!Map.Fork(vma, parent))
        {
            VmaSlab.Free(vma);
            return false;
        }

        Attach(child, vma);
        return true;
    }

    private void Unmap(MmStruct mm, Vma vma)
    {
        vma.Lock.StartWrite();
        vma.Lock.Detach();
        mm.Vmas.Erase((ulong)vma.Start.ReadOnce());
        Map.Unlink(vma);
        VmaSlab.Free(vma);
    }
}
