using RcuModel.Primitives;

namespace RcuModel.Mm.Tests;

/// <summary>Real threads do everything at once; when they are done, all must agree.</summary>
public sealed class StressTests
{
    private const int Pages = 64;

    [Theory]
    [InlineData(TableFreeing.AfterGracePeriod, true)]
    [InlineData(TableFreeing.AfterGracePeriod, false)]
    [InlineData(TableFreeing.AtOnce, true)]
    public void Everything_at_once_leaves_everything_agreed(TableFreeing freeing, bool underVmaLock)
    {
        using var machine = new Machine(new MmConfig
        {
            EntriesPerTable = 8,
            TablesPerMm = 16,
            Grain = Grain.Accesses,
            TableFreeing = freeing,
            FaultsUnderVmaLock = underVmaLock,
        });
        Machine.Ok(machine.P0.Map(0, Pages));
        MmStruct p1 = machine.Fork(machine.P0, "p1");
        MmStruct[] shared = [machine.P0, p1];
        Exception? failure = null;
        var threads = new Thread[4];
        for (int i = 0; i < threads.Length; i++)
        {
            int seed = i;
            threads[i] = new Thread(() =>
            {
                try
                {
                    Work(machine.System, shared, new Random(seed), 3000);
                }
#pragma warning disable CA1031 // A thread's failure is the test's.
                catch (Exception problem)
                {
                    Volatile.Write(ref failure, problem);
                }
#pragma warning restore CA1031
            });
            threads[i].Start();
        }

        foreach (Thread thread in threads)
            Assert.True(thread.Join(TimeSpan.FromMinutes(2)), "a thread hangs");
        Assert.True(failure is null, failure?.ToString());
    }

    private static void Work(MmSystem system, MmStruct[] shared, Random random, int operations)
    {
        for (int i = 0; i < operations; i++)
        {
            MmStruct mm = shared[random.Next(shared.Length)];
            long page = random.Next(Pages);
            long pages = 1 + random.Next(Pages - (int)page > 16 ? 16 : Pages - (int)page);
            switch (random.Next(24))
            {
                case 0:
                    if (mm.Fork("child", out _) is { } child)
                    {
                        child.Write(page, 1);
                        child.Read((page + 1) % Pages, out _);
                        child.Put();
                    }

                    break;
                case 1:
                    mm.Map(page, pages);
                    break;
                case 2:
                    mm.Unmap(page, pages);
                    mm.Map(page, pages);
                    break;
                case 3:
                    mm.Protect(page, pages, random.Next(4) == 0 ? VmFlags.Read : VmFlags.Read | VmFlags.Write);
                    break;
                case 4:
                    mm.Remap(page, pages, pages, Pages + random.Next(48));
                    break;
                case 5:
                    mm.Remap(Pages + random.Next(48), pages, pages, random.Next(Pages - (int)pages + 1));
                    break;
                case 6 or 7:
                    mm.Advise(page, pages, Advice.PageOut);
                    break;
                case 8:
                    mm.Advise(page, pages, Advice.Free);
                    break;
                case 9:
                    mm.Advise(page, pages, Advice.DontNeed);
                    break;
                case 10 or 11:
                    if (mm.Isolate(page) is { } cold)
                        system.Reclaim(cold);
                    break;
                case 12 or 13:
                    if (mm.Isolate(page) is { } moving)
                        system.Migrate(moving);
                    break;
                case < 20:
                    mm.Read(page, out _);
                    break;
                default:
                    mm.Write(page, i);
                    break;
            }
        }
    }
}
