using System.Collections.Immutable;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// The specification of the read-write semaphore, checked at the grain of its own memory accesses.
/// </summary>
internal static class RwsemChecks
{
    private static readonly ImmutableArray<string> s_operations = ["read", "write", "tryread", "trywrite", "downgrade"];

    public static IReadOnlyList<Scenario> Scenarios { get; } = [.. Pairs(), .. Triples()];

    private static IEnumerable<Scenario> Pairs()
    {
        for (int a = 0; a < s_operations.Length; a++)
        {
            for (int b = a; b < s_operations.Length; b++)
            {
                string[] ops = [s_operations[a], s_operations[b]];
                yield return new Scenario(
                    $"rwsem-{ops[0]}-{ops[1]}", "locks", $"the rwsem: {ops[0]} beside {ops[1]}", () => Side(new WatchedRwsem(), ops));
            }
        }
    }

    private static IEnumerable<Scenario> Triples()
    {
        for (int a = 0; a < s_operations.Length; a++)
        {
            for (int b = a; b < s_operations.Length; b++)
            {
                for (int c = b; c < s_operations.Length; c++)
                {
                    string[] ops = [s_operations[a], s_operations[b], s_operations[c]];
                    yield return new Scenario(
                        $"rwsem-{ops[0]}-{ops[1]}-{ops[2]}", "locks", $"the rwsem: {ops[0]} beside {ops[1]}", () => Side(new WatchedRwsem(), ops));
                }
            }
        }
    }

    private static void Side(Rwsem rwsem, string[] operations)
    {
        var data = new Plain<int>(0, "data");
        var threads = new Action[operations.Length];
        for (int i = 0; i < threads.Length; i++)
        {
            int me = i + 1;
            string operation = operations[i];
            threads[i] = () => Perform(rwsem, operation, ref data, me);
        }

        Execution.Run(threads);
        Execution.Assert(!rwsem.IsLocked, "the lock is free at the end, and nothing is left in its count");
    }

    private static void Perform(Rwsem rwsem, string operation, ref Plain<int> data, int me)
    {
        switch (operation)
        {
            case "read":
                rwsem.DownRead();
                Look(ref data);
                rwsem.UpRead();
                break;
            case "tryread":
                if (!rwsem.TryDownRead())
                    break;
                Look(ref data);
                rwsem.UpRead();
                break;
            case "write":
                rwsem.DownWrite();
                data.Write(data.Read() + me);
                rwsem.UpWrite();
                break;
            case "trywrite":
                if (!rwsem.TryDownWrite())
                    break;
                data.Write(data.Read() + me);
                rwsem.UpWrite();
                break;
            default:
                rwsem.DownWrite();
                int mine = data.Read() + me;
                data.Write(mine);
                rwsem.DowngradeWrite();
                Execution.Assert(data.Read() == mine, "no writer enters while a writer becomes a reader");
                rwsem.UpRead();
                break;
        }
    }

    private static void Look(ref Plain<int> data)
    {
        int seen = data.Read();
        Execution.Assert(data.Read() == seen, "no writer is inside together with a reader");
    }
}
