using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>The grace-period guarantee of SRCU, at the grain of its own memory accesses.</summary>
internal static class SrcuChecks
{
    private const string NeverSpans = "a reader that has missed what came before a grace period sees nothing of what comes after";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("srcu-spans(1)", "rcu", "SRCU: a reader never spans a grace period", static () => Spans(new Srcu(), 1))
        {
            Executions = 16,
            MustReach = ["a reader came before", "a reader came in the middle", "a reader came after"],
            Faults = [.. Faults, .. RcuFaults.BufferedSrcu],
        },
        new("srcu-spans(2)", "rcu", "SRCU: none of two readers, in slots of their own, spans a grace period",
            static () => Spans(new Srcu(slots: 2), 2))
        {
            Executions = 1_328,
            MustReach = ["a reader came before", "a reader came in the middle", "a reader came after"],
        },
        new("srcu-twice", "rcu", "SRCU: two grace periods, one after the other; what is replaced is freed",
            static () => Twice(new Srcu()))
        {
            Executions = 39,
            MustReach = ["the reader held the first", "the reader held the second", "the reader held the third"],
        },
        new("srcu-two-readers", "rcu", "SRCU: two readers of one slot while what they read is replaced",
            static () => TwoReaders(new Srcu()))
        {
            Executions = 2_422,
            MustReach = ["both readers held the old"],
        },
        new("srcu-sleeps", "rcu", "SRCU: a reader waits for a grace period of another domain", Sleeps)
        {
            Executions = 14,
            MustReach = ["the reader waited"],
        },
        Broken("srcu-no-first-scan", "a reader that is late to count itself survives two grace periods (B42)",
            static () => Twice(new BrokenSrcu.NoFirstScan())),
        Broken("srcu-no-second-scan", "a grace period waits for latecomers only", static () => Twice(new BrokenSrcu.NoSecondScan())),
        Broken("srcu-locks-first", "locks are summed before unlocks, and one reader makes up for another",
            static () => TwoReaders(new BrokenSrcu.LocksFirst())),
        Broken("srcu-self-deadlock", "a reader waits for a grace period of its own domain", SelfDeadlock),
    ];

    private static IReadOnlyList<Fault> Faults =>
    [
        new("reader not counted in", OperationKind.FetchAdd, "locks[0]", FaultChange.Skip)
        {
            Explanation = "The reader does not say that it reads; with its unlock the sums never meet again.",
        },
        new("reader never out", OperationKind.FetchAdd, "unlocks[0]", FaultChange.Skip)
        {
            Explanation = "The reader does not say that it is out, and the updater waits for ever.",
        },
        new("out without release", OperationKind.FetchAdd, "unlocks[0]", FaultChange.Relax)
        {
            Explanation = "(2) is missing: loads of the reader may move down behind its unlock.",
        },
        new("updater not woken", OperationKind.Store, "waited", FaultChange.Skip)
        {
            Thread = 1,
            Explanation = "The reader finds that it is waited for, and wakes nobody.",
        },
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static void Spans(Srcu srcu, int readers)
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        var removed = new Plain<int>(0, "removed");
        var threads = new Action[readers + 1];
        Array.Fill(threads, () =>
        {
            int index = srcu.Lock();
            int before = x.ReadOnce();
            int after = y.ReadOnce();
            Execution.Assert(!(before == 0 && after == 1), NeverSpans);
            if (before == 0)
                Execution.Assert(removed.Read() == 0, NeverSpans);
            srcu.Unlock(index);
            Execution.Reached(
                before == 0 ? "a reader came before" : after == 0 ? "a reader came in the middle" : "a reader came after");
        });
        threads[readers] = () =>
        {
            x.WriteOnce(1);
            srcu.Synchronize();
            removed.Write(1);
            y.WriteOnce(1);
        };
        Execution.Run(threads);
    }

    private static void Twice(Srcu srcu)
    {
        var current = new Ref<Version>(new Version(1), "current");
        Execution.Run(
            () =>
            {
                int index = srcu.Lock();
                int number = srcu.Dereference(ref current)!.Number.Read();
                srcu.Unlock(index);
                Execution.Reached(
                    number == 1 ? "the reader held the first" : number == 2 ? "the reader held the second" : "the reader held the third");
            },
            () =>
            {
                Replace(2);
                Replace(3);
            });

        void Replace(int number)
        {
            Version old = current.ReadOnce()!;
            srcu.Assign(ref current, new Version(number));
            srcu.Synchronize();
            old.Free();
        }
    }

    private static void TwoReaders(Srcu srcu)
    {
        var current = new Ref<Version>(new Version(1), "current");
        int first = 0, second = 0;
        Execution.Run(
            () => first = Look(),
            () => second = Look(),
            () =>
            {
                Version old = current.ReadOnce()!;
                srcu.Assign(ref current, new Version(2));
                srcu.Synchronize();
                old.Free();
            });
        Execution.Reached("both readers held the old", first == 1 && second == 1);

        int Look()
        {
            int index = srcu.Lock();
            int number = srcu.Dereference(ref current)!.Number.Read();
            srcu.Unlock(index);
            return number;
        }
    }

    private static void Sleeps()
    {
        var srcu = new Srcu();
        var rcu = new RcuMb();
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        Execution.Run(
            () =>
            {
                using Srcu.Section section = srcu.Read();
                int before = x.ReadOnce();
                rcu.Synchronize();
                Execution.Assert(!(before == 0 && y.ReadOnce() == 1), NeverSpans);
                Execution.Reached("the reader waited", before == 0);
            },
            () =>
            {
                x.WriteOnce(1);
                srcu.Synchronize();
                y.WriteOnce(1);
            });
    }

    private static void SelfDeadlock()
    {
        var srcu = new Srcu();
        using Srcu.Section section = srcu.Read();
        srcu.Synchronize();
    }

    private sealed class Version : SharedObject
    {
        public Plain<int> Number;

        public Version(int number) => Number = new Plain<int>(this, number, "number");
    }
}
