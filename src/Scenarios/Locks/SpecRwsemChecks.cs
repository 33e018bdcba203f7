using System.Collections.Immutable;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>The read-write semaphore at lock grain keeps what the real one promises.</summary>
internal static class SpecRwsemChecks
{
    private static readonly ImmutableArray<string> s_operations = ["read", "write", "tryread", "trywrite", "downgrade"];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. SleepingLockCounts.AddTo(
        [
            new("spec-rwsem-3", "locks", "the rwsem at lock grain: a writer, one that becomes a reader, and any third",
                static () => Three(new SpecRwsem("rwsem"), static r => r.DowngradeWrite()))
            {
                MustReach = ["an attempt succeeded", "an attempt was refused"],
                Faults =
                [
                    new("no writers' lock", OperationKind.Acquire, "rwsem.writers", FaultChange.Skip)
                    {
                        Explanation = "Nothing keeps a writer away while another becomes a reader, and nothing is there to give back.",
                    },
                ],
            },
            new("spec-rwsem-is-locked", "locks", "the rwsem at lock grain: who finds it free need not wait for its readers", LookedAt)
            {
                MustReach = ["found free", "found locked"],
            },
            new("spec-rwsem-behind", "locks", "the rwsem at lock grain: who has been inside behind the last writer is not refused, and may free it", Behind)
            {
                Faults =
                [
                    new("writers' lock given back last", OperationKind.Release, "rwsem.writers", FaultChange.Delay)
                    {
                        Explanation = "Readers come and go, and a writer that has left keeps writers out still, and touches the lock.",
                    },
                ],
            },
        ]),
        new("spec-rwsem-two-steps", "selfcheck", "a writer leaves and comes back as a reader, and another one was inside",
            static () => Three(new SpecRwsem("rwsem"), static r =>
            {
                r.UpWrite();
                r.DownRead();
            }))
        {
            MustFail = true,
        },
        new("spec-rwsem-recursion", "selfcheck", "a thread reads twice at lock grain, where no writer keeps it out", Recursion)
        {
            MustFail = true,
        },
    ];

    private static void Recursion()
    {
        var rwsem = new SpecRwsem("rwsem");
        Execution.Run(
            () =>
            {
                rwsem.DownRead();
                rwsem.DownRead();
                rwsem.UpRead();
                rwsem.UpRead();
            },
            () =>
            {
                rwsem.DownWrite();
                rwsem.UpWrite();
            });
    }

    private static void Three(SpecRwsem rwsem, Action<SpecRwsem> downgrade)
    {
        var data = new Plain<int>(0, "data");
        string third = s_operations[Execution.Choose(s_operations.Length)];
        Execution.Run(() => Perform("write"), () => Perform("downgrade"), () => Perform(third));
        Execution.Assert(!rwsem.IsLocked, "the lock is free at the end");

        void Perform(string operation)
        {
            switch (operation)
            {
                case "read":
                    rwsem.DownRead();
                    _ = data.Read();
                    rwsem.UpRead();
                    break;
                case "write":
                    rwsem.DownWrite();
                    data.Write(data.Read() + 1);
                    rwsem.UpWrite();
                    break;
                case "tryread":
                    bool read = rwsem.TryDownRead();
                    Execution.Reached(read ? "an attempt succeeded" : "an attempt was refused");
                    if (!read)
                        break;
                    _ = data.Read();
                    rwsem.UpRead();
                    break;
                case "trywrite":
                    bool written = rwsem.TryDownWrite();
                    Execution.Reached(written ? "an attempt succeeded" : "an attempt was refused");
                    if (!written)
                        break;
                    data.Write(data.Read() + 1);
                    rwsem.UpWrite();
                    break;
                default:
                    rwsem.DownWrite();
                    int mine = data.Read() + 1;
                    data.Write(mine);
                    downgrade(rwsem);
                    Execution.Assert(data.Read() == mine, "no writer enters while a writer becomes a reader");
                    rwsem.UpRead();
                    break;
            }
        }
    }

    // Whoever was inside knows that the writer has left, and nobody else is there: nothing of it may be in the way any more. The real one
    // leaves in one step.
    private static void Behind()
    {
        var owner = new Owner();
        owner.Rwsem.DownWrite();
        ModelThread next = Execution.Start("next", () =>
        {
            owner.Rwsem.DownRead();
            owner.Rwsem.UpRead();
            bool taken = owner.Rwsem.TryDownWrite();
            Execution.Assert(taken, "nobody is refused who has been inside behind the last one that could be in the way");
            owner.Rwsem.UpWrite();
            owner.Free();
        });
        owner.Rwsem.UpWrite();
        next.Join();
    }

    private static void LookedAt()
    {
        var rwsem = new SpecRwsem("rwsem");
        var mapped = new Cell<bool>(true, "mapped");
        var data = new Plain<int>(0, "data");
        Execution.Run(
            () =>
            {
                if (!rwsem.TryDownRead())
                    return;
                if (mapped.ReadOnce())
                    _ = data.Read();
                rwsem.UpRead();
            },
            () =>
            {
                mapped.WriteOnce(false);
                bool locked = rwsem.IsLocked;
                Execution.Reached(locked ? "found locked" : "found free");
                if (locked)
                {
                    rwsem.DownWrite();
                    rwsem.UpWrite();
                }

                data.Write(1);
            });
    }

    private sealed class Owner : SharedObject
    {
        public Owner()
            : base("owner") => Rwsem = new SpecRwsem(this, "rwsem");

        public SpecRwsem Rwsem { get; }
    }
}
