using RcuModel.AnonVmas;
using RcuModel.Primitives;

namespace RcuModel.Mm.Tests;

/// <summary>A machine, of today's design unless said otherwise, with one process.</summary>
internal sealed class Machine : IDisposable
{
    private readonly List<MmStruct> _all = [];

    public Machine(MmConfig? config = null, IReverseMap? design = null)
    {
        System = new MmSystem(config ?? new MmConfig { EntriesPerTable = 4, TablesPerMm = 8 }, design ?? new AnonVmaMap());
        P0 = MmStruct.Create(System, "p0")!;
        _all.Add(P0);
    }

    public MmSystem System { get; }

    public MmStruct P0 { get; }

    public MmStruct Fork(MmStruct parent, string name)
    {
        MmStruct child = parent.Fork(name, out Errno errno)!;
        Ok(errno);
        _all.Add(child);
        return child;
    }

    public void Exit(MmStruct mm)
    {
        _all.Remove(mm);
        mm.Put();
    }

    public void Check() => MmOracle.Check(_all);

    public void Dispose()
    {
        Check();
        foreach (MmStruct mm in _all)
            mm.Put();
        System.Dispose();
    }

    public static void Ok(Errno errno) => Execution.Assert(errno == Errno.None, "the operation succeeds");

    public static void Has(MmStruct mm, long page, long value)
    {
        Ok(mm.Read(page, out long content));
        Execution.Assert(content == value, "what was written to a page is read from it");
    }

    public static Folio FolioOf(MmStruct mm, long page) => mm.EntryOf(page)!.Folio!;
}
