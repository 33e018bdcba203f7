using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// Sections with interrupts off and the IPI that waits for them, as GUP-fast and the freeing of page tables use them: at the
/// grain of accesses and as a specification.
/// </summary>
internal static class IrqChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. Checks("irq", "interrupts", atLockGrain: false,
        new Expected
        {
            Walk = 6, WalkTwo = 36, Nested = 10, Twice = 92, WalkTso = 7, WalkTwoTso = 49, NestedTso = 16, TwiceTso = 141,
        },
        [
            new("section not waited for", OperationKind.Await, "ctr", FaultChange.Skip)
            {
                Explanation = "The IPI does not wait until interrupts are on.",
            },
            new("section not seen", OperationKind.Store, "ctr", FaultChange.Skip)
            {
                Thread = 1,
                Occurrence = 1,
                Explanation = "Interrupts are not off when they should be.",
            },
            new("IPI without barrier", OperationKind.ProcessWideFence, "", FaultChange.Skip)
            {
                Occurrence = 1,
                OnlyWithStoreBuffers = true,
                Explanation = "A section begins, and neither sees what the sender did nor is seen by it.",
            },
        ]),
        .. Checks("specirq", "interrupts as specification", atLockGrain: true,
        new Expected
        {
            Walk = 3, WalkTwo = 9, Nested = 3, Twice = 15, WalkTso = 3, WalkTwoTso = 9, NestedTso = 3, TwiceTso = 15,
        },
        [
            new("no IPI", OperationKind.RcuSynchronize, "irqs", FaultChange.Skip)
            {
                Explanation = "Nobody waits until interrupts are on.",
            },
        ]),
        new("irq-in-reader", "rcu", "interrupts: who is in an RCU reader may send an IPI and wait for it", static () => InReader())
        {
            Executions = 1,
            ExecutionsTso = 1,
            MustReach = ["the IPI was sent in a reader"],
        },
        Broken("irq-no-ipi", "a page table is freed, and no IPI is sent (B20)", static () => Walk(1, true, Freeing.NoIpi)),
        Broken("irq-ipi-first", "the IPI is sent before the page table is taken away", static () => Walk(1, true, Freeing.IpiFirst)),
        Broken("irq-sleep", "a thread waits for a grace period with interrupts off", static () => Misuse(false, Sleep)),
        Broken("specirq-sleep", "the same where interrupts are a specification", static () => Misuse(true, Sleep)),
        Broken("irq-self-deadlock", "an IPI is waited for with interrupts off", static () => Misuse(false, SelfDeadlock)),
        Broken("specirq-self-deadlock", "the same where interrupts are a specification", static () => Misuse(true, SelfDeadlock)),
        Broken("irq-unbalanced", "interrupts are restored twice", static () => Misuse(true, Unbalanced)),
        Broken("irq-left-behind", "a thread ends with interrupts off", static () => Misuse(true, LeftBehind)),
    ];

    private enum Freeing
    {
        Right,
        NoIpi,
        IpiFirst,
    }

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static IEnumerable<Scenario> Checks(
        string name, string what, bool atLockGrain, Expected expected, IReadOnlyList<Fault> faults) =>
    [
        new($"{name}-walk(1)", "rcu", $"{what}: one GUP-fast walk, and a page table that is freed behind an IPI",
            () => Walk(1, atLockGrain, Freeing.Right))
        {
            Executions = expected.Walk,
            ExecutionsTso = expected.WalkTso,
            MustReach = ["the table was walked", "the table was gone"],
            Faults = faults,
        },
        new($"{name}-walk(2)", "rcu", $"{what}: two GUP-fast walks, and a page table that is freed behind an IPI",
            () => Walk(2, atLockGrain, Freeing.Right))
        {
            Executions = expected.WalkTwo,
            ExecutionsTso = expected.WalkTwoTso,
            MustReach = ["the table was walked", "the table was gone"],
        },
        new($"{name}-nested", "rcu", $"{what}: a section inside of another does not end it", () => Nested(atLockGrain))
        {
            Executions = expected.Nested,
            ExecutionsTso = expected.NestedTso,
            MustReach = ["the table was walked", "the table was gone"],
        },
        new($"{name}-twice", "rcu", $"{what}: two IPIs and two sections of one thread", () => Twice(atLockGrain))
        {
            Executions = expected.Twice,
            ExecutionsTso = expected.TwiceTso,
            MustReach = ["the first was walked", "the second was walked", "neither was walked"],
        },
    ];

    private static void Walk(int walkers, bool atLockGrain, Freeing how)
    {
        var irqs = new Irqs(atLockGrain: atLockGrain);
        var table = new PageTable();
        var pmd = new Ref<PageTable>(table, "pmd");
        var threads = new Action[walkers + 1];
        for (int i = 0; i < walkers; i++)
        {
            RcuReader? cpu = irqs.Register();
            threads[i] = () =>
            {
                cpu?.Adopt();
                using IrqSection off = irqs.Off(cpu);
                Use(pmd.LoadAcquire());
            };
        }

        threads[walkers] = () =>
        {
            if (how == Freeing.IpiFirst)
                irqs.Broadcast();
            pmd.WriteOnce(null);
            if (how == Freeing.Right)
                irqs.Broadcast();
            table.Free();
        };
        Execution.Run(threads);
    }

    private static void Nested(bool atLockGrain)
    {
        var irqs = new Irqs(atLockGrain: atLockGrain);
        var table = new PageTable();
        var pmd = new Ref<PageTable>(table, "pmd");
        RcuReader? cpu = irqs.Register();
        Execution.Run(
            () =>
            {
                cpu?.Adopt();
                irqs.Save(cpu);
                PageTable? found = pmd.LoadAcquire();
                irqs.Save(cpu);
                irqs.Restore(cpu);
                Use(found);
                irqs.Restore(cpu);
            },
            () =>
            {
                pmd.WriteOnce(null);
                irqs.Broadcast();
                table.Free();
            });
    }

    private static void Twice(bool atLockGrain)
    {
        var irqs = new Irqs(atLockGrain: atLockGrain);
        var first = new PageTable();
        var second = new PageTable();
        var pmd = new Ref<PageTable>(first, "pmd");
        RcuReader? cpu = irqs.Register();
        Execution.Run(
            () =>
            {
                cpu?.Adopt();
                for (int i = 0; i < 2; i++)
                {
                    using IrqSection off = irqs.Off(cpu);
                    PageTable? found = pmd.LoadAcquire();
                    _ = found?.Pte.ReadOnce();
                    Execution.Reached(
                        found == first ? "the first was walked" : found == second ? "the second was walked" : "neither was walked");
                }
            },
            () =>
            {
                pmd.StoreRelease(second);
                irqs.Broadcast();
                first.Free();
                pmd.WriteOnce(null);
                irqs.Broadcast();
                second.Free();
            });
    }

    private static void Use(PageTable? table)
    {
        _ = table?.Pte.ReadOnce();
        Execution.Reached(table is null ? "the table was gone" : "the table was walked");
    }

    private static void InReader()
    {
        var irqs = new Irqs();
        var rcu = new RcuMb();
        using RcuReader reader = rcu.Register();
        using RcuSection<RcuMb> section = rcu.Read(reader);
        irqs.Broadcast();
        Execution.Reached("the IPI was sent in a reader");
    }

    private static void Misuse(bool atLockGrain, Action<Irqs> misuse) => misuse(new Irqs(atLockGrain: atLockGrain));

    private static void Sleep(Irqs irqs)
    {
        var rcu = new RcuMb();
        using IrqSection off = irqs.Off();
        rcu.Synchronize();
    }

    private static void SelfDeadlock(Irqs irqs)
    {
        using IrqSection off = irqs.Off();
        irqs.Broadcast();
    }

    private static void Unbalanced(Irqs irqs)
    {
        irqs.Save();
        irqs.Restore();
        irqs.Restore();
    }

    private static void LeftBehind(Irqs irqs) => Execution.Run(() => irqs.Save());

    private sealed class PageTable : SharedObject
    {
        public Cell<int> Pte;

        public PageTable()
            : base("table", mustFree: true) => Pte = new Cell<int>(this, 1, "pte");
    }

    // The numbers of a specification are those of specrcu: 3^r.
    private sealed record Expected
    {
        public required long Walk { get; init; }

        public required long WalkTwo { get; init; }

        public required long Nested { get; init; }

        public required long Twice { get; init; }

        public required long WalkTso { get; init; }

        public required long WalkTwoTso { get; init; }

        public required long NestedTso { get; init; }

        public required long TwiceTso { get; init; }
    }
}
