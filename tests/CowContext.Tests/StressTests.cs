using RcuModel.Mm;
using RcuModel.Stabilisation;

namespace RcuModel.CowContexts.Tests;

/// <summary>Real threads: one migrates and reclaims pages while another moves, splits, forks, writes and exits.</summary>
public sealed class StressTests
{
    private const int Pages = 8;
    private const int Home = 16;

    [Fact]
    public void With_the_lock_of_the_root_walkers_and_changes_get_along()
    {
        using var system = new MmSystem(new MmConfig { EntriesPerTable = 16, TablesPerMm = 16 }, new CowContextMap(new RootLock()));
        MmStruct mm = MmStruct.Create(system, "p0")!;
        Assert.Equal(Errno.None, mm.Map(Home, Pages));
        bool ends = false;
        long migrated = 0, reclaimed = 0;
        var walker = new Thread(() =>
        {
            for (int i = 0; !Volatile.Read(ref ends); i++)
            {
                if (Isolate(mm, i % 256) is not { } folio)
                    continue;
                if (i % 3 == 0)
                    reclaimed += system.Reclaim(folio, ignoreReferences: true) == ReclaimOutcome.Freed ? 1 : 0;
                else
                    migrated += system.Migrate(folio) == MigrateOutcome.Moved ? 1 : 0;
            }
        });
        walker.Start();
        for (int i = 0; i < 3_000; i++)
            Change(mm, i);
        Volatile.Write(ref ends, true);
        walker.Join();
        MmOracle.Check([mm]);
        Assert.True(migrated > 0 && reclaimed > 0, $"{migrated} were migrated and {reclaimed} reclaimed");
        mm.Put();
    }

    private static void Change(MmStruct mm, int i)
    {
        long away = 64 + (32 * (i % 4));
        for (long page = Home; page < Home + Pages; page++)
            Assert.Equal(Errno.None, mm.Write(page, page + i));
        MmStruct child = mm.Fork("p1", out _)!;
        Assert.Equal(Errno.None, mm.Remap(Home, Pages, Pages, away));
        Assert.Equal(Errno.None, mm.Protect(away + 2, 3, VmFlags.Read));
        Assert.Equal(Errno.None, child.Write(Home + 1, 0));
        MmStruct grandchild = child.Fork("p2", out _)!;
        child.Put();
        for (long page = 0; page < Pages; page++)
        {
            Assert.Equal(Errno.None, mm.Read(away + page, out long value));
            Assert.Equal(Home + page + i, value);
        }

        Assert.Equal(Errno.None, mm.Protect(away, Pages, VmFlags.Read | VmFlags.Write));
        Assert.Equal(Errno.None, mm.Remap(away, Pages, Pages, Home));
        grandchild.Put();
    }

    // Its entry holds a folio as long as the table is locked.
    private static Folio? Isolate(MmStruct mm, long page)
    {
        if (mm.LockTable(page) is not { } table)
            return null;
        Folio? folio = table[page].ReadOnce() is { IsPresent: true, Folio: { } mapped } && mapped != mm.System.ZeroFolio && mapped.Isolate()
            ? mapped
            : null;
        mm.UnlockTable(table);
        return folio;
    }
}
