using RcuModel.Primitives;

namespace RcuModel.Scenarios.Counts;

/// <summary>
/// The specification of sequence counters at the grain of their own accesses: what a round reads that counts is of one moment,
/// and comes with what was done before it.
/// </summary>
internal static class SeqCountChecks
{
    private const string Whole = "what is read in a round that counts is of one moment";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("seqcount-1", "locks", "a sequence counter: a reader, and a writer who writes once", static () => Readers(1, 1))
        {
            Executions = 10,
            ExecutionsTso = 10,
            MustReach = ["the reader saw the old", "the reader saw the new", "the reader started again"],
            Faults = SeqCountFaults.All,
        },
        new("seqcount-1x2", "locks", "a sequence counter: a reader, and a writer who writes twice", static () => Readers(1, 2))
        {
            Executions = 107,
            ExecutionsTso = 107,
            MustReach = ["the reader saw the old", "the reader saw the new", "the reader started again", "the reader started again twice"],
        },
        new("seqcount-2", "locks", "a sequence counter: two readers, and a writer who writes once", static () => Readers(2, 1))
        {
            Executions = 100,
            ExecutionsTso = 100,
            MustReach = ["the reader saw the old", "the reader saw the new", "the reader started again"],
            Faults = SeqCountFaults.All,
        },
        new("seqcount-writers", "locks", "a sequence counter: a reader, and two writers who keep each other away", static () => Writers())
        {
            Executions = 214,
            ExecutionsTso = 214,
            MustReach = ["the reader saw 0", "the reader saw 1", "the reader saw 2"],
        },
        new("seqcount-try", "locks", "a sequence counter: an attempt to read returns while somebody writes and goes on", static () => Attempt())
        {
            Executions = 4,
            ExecutionsTso = 4,
            MustReach = ["the attempt succeeded", "the attempt was refused"],
        },
        new("seqcount-pin", "locks", "a sequence counter: GUP-fast pins a page, or fork sees the pin, with a barrier", static () => Pin(barrier: true))
        {
            Executions = 9,
            ExecutionsTso = 9,
            MustReach = ["the page was pinned", "the pin was taken back", "fork copied the page"],
        },
        new("seqcount-pin-no-barrier", "locks", "GUP-fast and fork miss each other if fork looks for pins too early", static () => Pin(barrier: false))
        {
            Executions = 9,
            ExecutionsTso = 10,
            MustFailTso = true,
            MustReach = ["the page was pinned", "the pin was taken back", "fork copied the page"],
        },
        new("seqlock-1", "locks", "a sequence lock: a reader and a writer", static () => Locked(1))
        {
            Executions = 10,
            ExecutionsTso = 10,
            MustReach = ["the reader saw 0", "the reader saw 1"],
        },
        new("seqlock-2", "locks", "a sequence lock: a reader and two writers", static () => Locked(2))
        {
            Executions = 214,
            ExecutionsTso = 214,
            MustReach = ["the reader saw 0", "the reader saw 1", "the reader saw 2"],
            Faults =
            [
                new("entered without waiting", OperationKind.Await, "owner", FaultChange.Skip)
                {
                    Explanation = "Two writers write at once.",
                },
            ],
        },
        Broken("seqcount-no-lock", "two writers of a sequence counter are kept apart by nobody", NoLock),
        Broken("seqcount-no-retry", "a reader does not look whether its round counts", NoRetry),
        Broken("seqcount-follow", "a reader follows a pointer in a round that may not count", Follow),
        Broken("seqcount-data-first", "the first store of a writer passes the odd number", static () => Swapped(dataFirst: true)),
        Broken("seqcount-early-end", "the last store of a writer is passed by the even number", static () => Swapped(earlyEnd: true)),
        Broken("seqcount-late-begin", "the first load of a reader passes its first look", static () => Swapped(lateBegin: true)),
        Broken("seqcount-early-recheck", "the last load of a reader is passed by its second look", static () => Swapped(earlyRecheck: true)),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    // Besides the pair of values: what was done before a writer began that is read from, and what was done before one ended.
    private static void Readers(int readers, int writes)
    {
        var sequence = new SeqCount("sequence");
        var a = new Cell<int>(0, "a");
        var b = new Cell<int>(0, "b");
        var before = new Plain<int>(0, "before");
        var inside = new Plain<int>(0, "inside");
        var threads = new Action[readers + 1];
        for (int i = 0; i < readers; i++)
        {
            threads[i] = () =>
            {
                int rounds = 0;
                bool again;
                do
                {
                    uint begun = sequence.ReadBegin();
                    if (begun != 0 && writes == 1)
                        Execution.Assert(inside.Read() == 1, "who begins behind a writer sees what it wrote");
                    int first = a.ReadOnce();
                    int second = b.ReadOnce();
                    again = sequence.ReadRetry(begun);
                    if (first == 1 && writes == 1)
                        Execution.Assert(before.Read() == 1, "who has read from a writer sees what came before");
                    rounds++;
                    if (again)
                        continue;
                    Execution.Assert(first == second, Whole);
                    Execution.Reached("the reader saw the old", first == 0);
                    Execution.Reached("the reader saw the new", first == writes);
                }
                while (again);
                Execution.Reached("the reader started again", rounds > 1);
                Execution.Reached("the reader started again twice", rounds > 2);
            };
        }

        threads[readers] = () =>
        {
            for (int i = 1; i <= writes; i++)
            {
                if (writes == 1)
                    before.Write(1);
                sequence.WriteBegin();
                a.WriteOnce(i);
                if (writes == 1)
                    inside.Write(1);
                b.WriteOnce(i);
                sequence.WriteEnd();
            }
        };
        Execution.Run(threads);
    }

    private static void Writers()
    {
        var sequence = new SeqCount("sequence");
        var writers = new SpecLock("writers");
        var a = new Cell<int>(0, "a");
        var b = new Cell<int>(0, "b");
        Execution.Run(Read, Write, Write);
        Execution.Assert(a.ReadOnce() == 2 && b.ReadOnce() == 2, "no write is lost");

        void Read()
        {
            int first, second;
            uint begun;
            do
            {
                begun = sequence.ReadBegin();
                first = a.ReadOnce();
                second = b.ReadOnce();
            }
            while (sequence.ReadRetry(begun));
            Execution.Assert(first == second, Whole);
            Execution.Reached(Saw(first));
        }

        void Write()
        {
            writers.Acquire();
            sequence.WriteBegin();
            a.WriteOnce(a.ReadOnce() + 1);
            b.WriteOnce(b.ReadOnce() + 1);
            sequence.WriteEnd();
            writers.Release();
        }
    }

    private static string Saw(int value) =>
        value == 0 ? "the reader saw 0" : value == 1 ? "the reader saw 1" : "the reader saw 2";

    // An attempt that waited for the writer would wait for ever.
    private static void Attempt()
    {
        var sequence = new SeqCount("sequence");
        var returned = new Cell<bool>(false, "returned");
        Execution.Run(
            () =>
            {
                sequence.WriteBegin();
                returned.AwaitEqual(true);
                sequence.WriteEnd();
            },
            () =>
            {
                bool begins = sequence.TryReadBegin(out uint begun);
                Execution.Reached("the attempt succeeded", begins);
                Execution.Reached("the attempt was refused", !begins);
                returned.WriteOnce(true);
                if (begins)
                    _ = sequence.ReadRetry(begun);
            });
    }

    // Kernel: write_protect_seq. GUP-fast pins a page without a lock; fork shares what is not pinned, and copies the rest. The
    // lock of the page table is the barrier between the odd number and the look at the pins.
    private static void Pin(bool barrier)
    {
        var sequence = new SeqCount("writeProtectSeq");
        var table = new SpecLock("ptl");
        var isWritable = new Cell<bool>(true, "isWritable");
        var pins = new Cell<int>(0, "pins");
        bool pinned = false, shared = false;
        Execution.Run(
            () =>
            {
                if (!sequence.TryReadBegin(out uint begun) || !isWritable.ReadOnce())
                    return;
                pins.FetchAdd(1);
                pinned = !sequence.ReadRetry(begun);
                if (!pinned)
                {
                    pins.FetchAdd(-1);
                    Execution.Reached("the pin was taken back");
                }
            },
            () =>
            {
                sequence.WriteBegin();
                if (barrier)
                    table.Acquire();
                shared = pins.ReadOnce() == 0;
                if (shared)
                    isWritable.WriteOnce(false);
                if (barrier)
                    table.Release();
                sequence.WriteEnd();
            });
        Execution.Assert(!pinned || !shared, "a page that is pinned is not shared");
        Execution.Reached("the page was pinned", pinned);
        Execution.Reached("fork copied the page", !shared);
    }

    private static void Locked(int writers)
    {
        var seqlock = new SeqLock("seqlock");
        var a = new Cell<int>(0, "a");
        var b = new Cell<int>(0, "b");
        var threads = new Action[writers + 1];
        threads[0] = () =>
        {
            int first, second;
            uint begun;
            do
            {
                begun = seqlock.ReadBegin();
                first = a.ReadOnce();
                second = b.ReadOnce();
            }
            while (seqlock.ReadRetry(begun));
            Execution.Assert(first == second, Whole);
            Execution.Reached(Saw(first));
        };
        for (int i = 1; i <= writers; i++)
        {
            threads[i] = () =>
            {
                seqlock.WriteLock();
                a.WriteOnce(a.ReadOnce() + 1);
                b.WriteOnce(b.ReadOnce() + 1);
                seqlock.WriteUnlock();
            };
        }

        Execution.Run(threads);
        Execution.Assert(a.ReadOnce() == writers && b.ReadOnce() == writers, "no write is lost");
    }

    private static void NoLock()
    {
        var sequence = new SeqCount("sequence");
        Execution.Run(Write, Write);

        void Write()
        {
            sequence.WriteBegin();
            sequence.WriteEnd();
        }
    }

    private static void NoRetry()
    {
        var sequence = new SeqCount("sequence");
        var a = new Cell<int>(0, "a");
        var b = new Cell<int>(0, "b");
        Execution.Run(
            () =>
            {
                _ = sequence.ReadBegin();
                Execution.Assert(a.ReadOnce() == b.ReadOnce(), Whole);
            },
            () =>
            {
                sequence.WriteBegin();
                a.WriteOnce(1);
                b.WriteOnce(1);
                sequence.WriteEnd();
            });
    }

    private static void Follow()
    {
        var sequence = new SeqCount("sequence");
        var thing = new Thing();
        var current = new Ref<Thing>(thing, "current");
        Execution.Run(
            () =>
            {
                uint begun = sequence.ReadBegin();
                int value = current.ReadOnce()?.Value.ReadOnce() ?? 0;
                Execution.Assert(sequence.ReadRetry(begun) || value == 0);
            },
            () =>
            {
                sequence.WriteBegin();
                current.WriteOnce(null);
                sequence.WriteEnd();
                thing.Free();
            });
    }

    // A sequence counter written out, with two accesses in the order in which weaker memory than x86's could have them if the
    // barrier between them were missing.
    private static void Swapped(
        bool dataFirst = false, bool earlyEnd = false, bool lateBegin = false, bool earlyRecheck = false)
    {
        var sequence = new Cell<uint>(0, "sequence");
        var a = new Cell<int>(0, "a");
        var b = new Cell<int>(0, "b");
        Execution.Run(
            () =>
            {
                int first = lateBegin ? a.ReadOnce() : 0;
                uint begun = sequence.AwaitClear(1);
                first = lateBegin ? first : a.ReadOnce();
                int second = earlyRecheck ? 0 : b.ReadOnce();
                bool again = sequence.ReadOnce() != begun;
                second = earlyRecheck ? b.ReadOnce() : second;
                Execution.Assert(again || first == second, Whole);
            },
            () =>
            {
                if (dataFirst)
                    a.WriteOnce(1);
                sequence.WriteOnce(1);
                if (!dataFirst)
                    a.WriteOnce(1);
                if (!earlyEnd)
                    b.WriteOnce(1);
                sequence.WriteOnce(2);
                if (earlyEnd)
                    b.WriteOnce(1);
            });
    }

    private sealed class Thing : SharedObject
    {
        public Cell<int> Value;

        public Thing() => Value = new Cell<int>(this, 0, "value");
    }
}
