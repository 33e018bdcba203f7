using RcuModel.AnonVmas;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.AnonVmas;

/// <summary>
/// From a folio to its anon_vma, without a lock, while the folio is unmapped, the anon_vma freed and its memory used for another one; and
/// what else two threads do with an anon_vma at once. T1 looks up, T2 does the rest. Locks are at the grain of their own accesses.
/// </summary>
internal static class AnonVmaChecks
{
    private static readonly IReadOnlyList<string> s_waits =
    [
        "it was locked", "nothing mapped it", "slept for the lock of an anon_vma", "it was locked when it had no VMA any more",
        "was the last to hold an anon_vma that it had locked", "the memory has another life",
    ];

    private static readonly Fault s_notHeld = new("not held", OperationKind.AddUnless, "refcount", FaultChange.Skip)
    {
        Explanation = "Who sleeps for the lock believes that it holds the anon_vma, and does not.",
    };

    private static readonly Fault s_tornHold = new("torn hold", OperationKind.AddUnless, "refcount", FaultChange.Split)
    {
        Explanation = "An anon_vma is held whose last holder has let go of it meanwhile.",
    };

    private static readonly Fault s_tornPut = new("torn put", OperationKind.FetchAdd, "refcount", FaultChange.Split)
    {
        Order = Order.Full,
        Explanation = "Two let go of an anon_vma, and one of them is not counted.",
    };

    private static readonly Fault s_unmappedLate = new("unmapped too late", OperationKind.FetchAdd, "mapcount", FaultChange.Delay)
    {
        Past = 20,
        Explanation = "A look-up believes the mapcount when the VMA has left the tree.",
    };

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("anon-vma-lookup", "anon-vma", "anon_vma: a look-up, the last unmapping, and another life of the memory", static () => LookUp())
        {
            Executions = 81,
            ExecutionsTso = 89,
            MustReach = ["it was locked", "nothing mapped it", "the memory has another life"],
            Faults = [s_unmappedLate],
        },
        new("anon-vma-lookup-child", "anon-vma", "anon_vma: the same for a child's, whose lock is its root's", static () => LookUp(isChild: true))
        {
            Executions = 71,
            ExecutionsTso = 79,
            MustReach = ["it was locked", "nothing mapped it", "the memory has another life"],
            Faults = [s_unmappedLate],
        },
        new("anon-vma-lookup-waits", "anon-vma", "anon_vma: a look-up that sleeps for the lock, beside the last unmapping",
            static () => LookUpWaits())
        {
            Executions = 616,
            ExecutionsTso = 632,
            MustReach = s_waits,
            Faults = [s_notHeld, s_tornHold, s_tornPut, s_unmappedLate],
        },
        new("anon-vma-lookup-child-waits", "anon-vma", "anon_vma: the same for a child's, whose lock is its root's",
            static () => LookUpWaits(isChild: true))
        {
            Executions = 606,
            ExecutionsTso = 622,
            MustReach = s_waits,
            Faults =
            [
                s_notHeld, s_tornHold, s_tornPut,
                new("freed without waiting", OperationKind.Load, "count", FaultChange.Skip)
                {
                    Thread = 2,
                    Order = Order.Relaxed,
                    Explanation = "An anon_vma becomes one of another family while somebody has the lock of its root.",
                },
                new("root not held", OperationKind.FetchAdd, "refcount", FaultChange.Skip)
                {
                    Operand = 1,
                    Explanation = "A root is let go of by members that never held it.",
                },
            ],
        },
        new("anon-vma-hold", "anon-vma", "anon_vma: what is held stays what it is, beside the last unmapping and reuse", static () => Hold())
        {
            Executions = 75,
            ExecutionsTso = 75,
            MustReach = ["it was held", "nothing mapped it", "the memory has another life"],
            Faults = [s_notHeld, s_tornHold, s_tornPut],
        },
        new("anon-vma-prepare", "anon-vma", "anon_vma: two first faults of a VMA, each of which is found at once", static () => Prepare())
        {
            Executions = 2_832,
            ExecutionsTso = 2_832,
            MustReach = ["another fault was first"],
            Faults =
            [
                new("not asked again", OperationKind.Load, "anon_vma", FaultChange.Skip)
                {
                    Occurrence = 2,
                    Explanation = "Who comes second links the VMA once more.",
                },
            ],
        },
        new("anon-vma-move", "anon-vma", "anon_vma: a look-up of a folio that is moved to another family", static () => Move())
        {
            Executions = 15,
            ExecutionsTso = 15,
            MustReach = ["the old anon_vma", "the new anon_vma"],
        },
        new("anon-vma-reuse", "anon-vma", "anon_vma: forks and exits that reuse what has one child and no VMA", static () => Reuse())
        {
            Executions = 1,
            ExecutionsTso = 1,
            MustReach = ["one was reused"],
        },
        Broken("anon-vma-degree", "fork reuses an anon_vma with one VMA or one child, in one number", static () => Reuse(Bugs.AmbiguousDegree)),
        Broken("anon-vma-mapcount-once", "the mapcount is not looked at again when the lock is there", LookUpOnce),
        Broken("anon-vma-hold-once", "the mapcount is not looked at again when the anon_vma is held", HoldOnce),
        Broken(
            "anon-vma-new-unlocked", "a new anon_vma is linked without its lock, since nobody knows it",
            static () => Prepare(Bugs.NewNeedsNoLock)),
        Broken(
            "anon-vma-two-stores", "folio->mapping is written in two stores, the bit behind the pointer",
            static () => Move(Bugs.MappingInTwoStores)),
        Broken(
            "anon-vma-mapping-once", "a walk without the folio's lock does not look at the mapping again",
            static () => Move(rules: KernelRules.V7_0)),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static void LookUp(bool isChild = false) => Race(
        static (test, folio, anonVma) =>
        {
            AnonVma? found = test.LookUp(folio);
            Execution.Assert(found is null || found == anonVma, "what is locked for a folio is its anon_vma");
            Execution.Reached(found is null ? "nothing mapped it" : "it was locked");
        },
        isChild);

    // Who has slept for the lock may find the folio unmapped, and its anon_vma without VMAs, but not in another life.
    private static void LookUpWaits(bool isChild = false) => Race(
        static (test, folio, anonVma) =>
        {
            AnonVma? found = test.Map.LockForWalk(folio, new Look());
            Execution.Reached(found is null ? "nothing mapped it" : "it was locked");
            if (found is null)
                return;
            Execution.Assert(found == anonVma, "what is locked for a folio is its anon_vma");
            bool isMapped = folio.IsMapped;
            bool isThere = found.Tree.Overlaps(16, 16);
            Execution.Assert(isThere || !isMapped, "the VMA of a mapped folio is in the tree of the anon_vma that was locked for it");
            Execution.Assert(isThere || found.Tree.IsEmpty, "an anon_vma has no other life as long as it is locked");
            found.UnlockRead();
            Execution.Reached("it was locked when it had no VMA any more", !isThere);
        },
        isChild,
        locksBefore: true);

    private static void LookUpOnce() => Race(static (test, folio, _) =>
    {
        test.Rcu.ReadLock();
        AnonVma anonVma = AnonVmaMap.Of(folio)!;
        if (folio.IsMapped && anonVma.TryLockRead())
            TestedAnonVmas.Leave(anonVma, folio);
        test.Rcu.ReadUnlock();
    });

    private static void Hold() => Race(static (test, folio, anonVma) =>
    {
        SharedObject? held = test.Map.Hold(folio);
        if (held is not null)
        {
            Execution.Assert(held == anonVma, "what is held for a folio is its anon_vma");
            LetGo(test, anonVma);
        }

        Execution.Reached(held is null ? "nothing mapped it" : "it was held");
    });

    private static void HoldOnce() => Race(static (test, folio, _) =>
    {
        test.Rcu.ReadLock();
        AnonVma anonVma = AnonVmaMap.Of(folio)!;
        bool held = folio.IsMapped && anonVma.TryGet();
        test.Rcu.ReadUnlock();
        if (held)
            LetGo(test, anonVma);
    });

    private static void LetGo(TestedAnonVmas test, AnonVma held)
    {
        held.LockRead();
        Execution.Assert(!held.Tree.Overlaps(32, 32), "an anon_vma has no other life as long as it is held");
        held.UnlockRead();
        test.Map.LetGo(held);
    }

    // T2 ends the life of the only VMA that maps the folio, and begins one elsewhere.
    private static void Race(Action<TestedAnonVmas, Folio, AnonVma> look, bool isChild = false, bool locksBefore = false)
    {
        using var test = new TestedAnonVmas();
        Vma vma = test.Add(16);
        Vma? parent = null;
        if (isChild)
        {
            parent = vma;
            test.Map.Prepare(parent);
            vma = test.Fork(parent);
        }

        Folio folio = test.Fault(vma);
        AnonVma anonVma = AnonVmaMap.Of(vma)!;
        test.Map.Slab.MayReuse(anonVma);
        Vma next = test.Add(32);
        Execution.Run(
            () => look(test, folio, anonVma),
            () =>
            {
                if (locksBefore)
                {
                    test.Map.LockForMove(vma, vma);
                    test.Map.UnlockAfterMove(vma);
                }

                test.Unmap(folio, vma);
                test.Map.Prepare(next);
            });
        EndsWith(test, next, anonVma);
        if (parent is null)
            return;
        Execution.Assert(AnonVmaMap.Of(parent)!.References == 1, "of a family only the root is left, which its VMA holds");
        test.Map.Unlink(parent);
    }

    private static void EndsWith(TestedAnonVmas test, Vma next, AnonVma before)
    {
        AnonVma anonVma = AnonVmaMap.Of(next)!;
        Execution.Assert(anonVma.References == 1 && anonVma.ActiveVmas == 1, "an anon_vma with one VMA has one holder");
        Execution.Assert(anonVma == before || before.References == 0, "nobody holds what was freed");
        Execution.Reached("the memory has another life", anonVma == before);
        test.Map.Unlink(next);
    }

    private static void Prepare(Bugs bugs = Bugs.None)
    {
        using var test = new TestedAnonVmas(bugs);
        Vma vma = test.Add(16);
        var folios = new Folio?[2];
        var anonVmas = new AnonVma?[2];
        Execution.Run(() => Fault(0), () => Fault(1));
        Execution.Assert(anonVmas[0] == anonVmas[1], "a VMA has one anon_vma");
        AnonVma anonVma = anonVmas[0]!;
        Execution.Assert(anonVma.References == 1 && anonVma.ActiveVmas == 1, "an anon_vma with one VMA has one holder");
        test.Map.Unlink(vma);

        void Fault(int thread)
        {
            Folio folio = test.Fault(vma);
            anonVmas[thread] = test.LookUp(folio);
            Execution.Assert(anonVmas[thread] is not null, "a folio that stays mapped is found");
        }
    }

    // As a page is moved by userfaultfd: the folio is locked, and the anon_vma from which it goes is.
    private static void Move(Bugs bugs = Bugs.None, KernelRules? rules = null)
    {
        using var test = new TestedAnonVmas(bugs, rules);
        Vma from = test.Add(16);
        Vma to = test.Add(32);
        Folio folio = test.Fault(from);
        test.Map.Prepare(to);
        AnonVma before = AnonVmaMap.Of(from)!;
        Execution.Run(
            () =>
            {
                // Not with which index: that is stored behind the mapping.
                AnonVma? found = test.Map.LockForWalk(folio, new Look());
                Execution.Assert(found is not null, "a folio that stays mapped is found");
                Execution.Assert(AnonVmaMap.Of(folio) == found, "what is locked for a folio stays its anon_vma");
                found.UnlockRead();
                Execution.Reached(found == before ? "the old anon_vma" : "the new anon_vma");
            },
            () =>
            {
                test.Map.LockForMove(from, from);
                test.Map.MoveAnon(folio, to);
                folio.Index.WriteOnce(to.AnonOffset);
                test.Map.UnlockAfterMove(from);
            });
        test.Map.Unlink(from);
        test.Map.Unlink(to);
    }

    // p3 comes to have what p1 had, and in the chains of its children is what is p2's own.
    private static void Reuse(Bugs bugs = Bugs.None)
    {
        using var test = new TestedAnonVmas(bugs);
        Vma p0 = test.Add(16);
        test.Map.Prepare(p0);
        Vma p1 = test.Fork(p0);
        AnonVma ofP1 = AnonVmaMap.Of(p1)!;
        Vma p2 = test.Fork(p1);
        test.Map.Unlink(p1);
        Vma p3 = test.Fork(p2);
        Execution.Reached("one was reused", AnonVmaMap.Of(p3) == ofP1);
        Vma p4 = test.Fork(p3);
        Vma p5 = test.Fork(p3);
        test.Map.Unlink(p2);
        Vma p6 = test.Fork(p5);
        AnonVmaInvariants.Check([p0, p3, p4, p5, p6]);
        foreach (Vma vma in (Vma[])[p3, p4, p0, p5])
            test.Map.Unlink(vma);
        AnonVmaInvariants.Check([p6]);
        AnonVma root = AnonVmaMap.Of(p6)!.Root;
        test.Map.Unlink(p6);
        Execution.Assert(root.References == 0, "nobody holds the root of a family that is gone");
    }
}
