using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>
/// Callbacks of RCU as a specification. What an updater hands over to be freed costs as many executions as waiting for the
/// grace period itself, 3 for each reader and call; and a barrier comes before another's call, or after it and its callback, or before
/// the call with what follows it behind the callback.
/// </summary>
internal static class SpecifiedCallbacks
{
    private static readonly Fault s_noGracePeriod = new("no grace period", OperationKind.RcuSynchronize, "rcu", FaultChange.Skip)
    {
        Explanation = "The callback does not wait for readers.",
    };

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Frees(1, 3),
        Frees(2, 9),
        Frees(3, 27),
        new("specrcu-calls", "counts", "two updaters hand over what one reader may hold: calls do not depend on each other", Calls)
        {
            Executions = 9,
            ExecutionsTso = 9,
            MustReach = ["the reader held both", "the reader held one", "the reader held none"],
            Faults = [s_noGracePeriod],
        },
        new("specrcu-barrier", "counts", "a barrier waits for all callbacks that were accepted before it", Barrier)
        {
            Executions = 3,
            ExecutionsTso = 3,
            MustReach = ["the other's callback had run", "the other's callback had not run"],
            Faults =
            [
                new("barrier does not wait", OperationKind.RcuSynchronize, "callbacks", FaultChange.Skip)
                {
                    Explanation = "The barrier returns at once.",
                },
                new("accepted too late", OperationKind.Await, "accepted", FaultChange.Skip)
                {
                    Explanation = "A call returns before the callback counts as pending.",
                },
            ],
        },
        new("specrcu-barrier-in-callback", "selfcheck", "a callback waits for all callbacks, as a specification", BarrierInCallback)
        {
            MustFail = true,
        },
        new("specrcu-barrier-in-reader", "selfcheck", "a reader waits for a callback that waits for it, as a specification", BarrierInReader)
        {
            MustFail = true,
        },
        new("specrcu-no-barrier", "selfcheck", "what a callback uses is freed when the call has returned", NoBarrier)
        {
            MustFail = true,
        },
    ];

    private static Scenario Frees(int readers, long executions) => new(
        $"specrcu-call({readers})", "counts", $"what {readers} readers may hold is handed over to be freed: 3^r", () => RunFrees(readers))
    {
        Executions = executions,
        ExecutionsTso = executions,
        MustReach = ["a reader held the old version", "a reader took the new version"],
        Faults = [s_noGracePeriod],
    };

    // Nobody waits for the callback; that it has run in the end is what the old version must be freed for.
    private static void RunFrees(int readers)
    {
        var rcu = new SpecRcu("rcu");
        var callbacks = new SpecRcuCallbacks(rcu);
        var old = new Version(1, mustFree: true);
        var current = new Ref<Version>(old, "current");
        var threads = new Action[readers + 1];
        Array.Fill(threads, () =>
        {
            rcu.ReadLock();
            int number = current.LoadAcquire()!.Number.Read();
            rcu.ReadUnlock();
            Execution.Reached(number == 1 ? "a reader held the old version" : "a reader took the new version");
        });
        threads[readers] = () =>
        {
            current.StoreRelease(new Version(2));
            callbacks.Free(old);
        };
        Execution.Run(threads);
    }

    private static void Calls()
    {
        var rcu = new SpecRcu("rcu");
        var callbacks = new SpecRcuCallbacks(rcu);
        var first = new Ref<Version>(new Version(1, mustFree: true), "first");
        var second = new Ref<Version>(new Version(2, mustFree: true), "second");
        Execution.Run(
            () =>
            {
                rcu.ReadLock();
                Version? one = first.LoadAcquire();
                Version? other = second.LoadAcquire();
                int sum = (one?.Number.Read() ?? 0) + (other?.Number.Read() ?? 0);
                rcu.ReadUnlock();
                Execution.Reached(sum == 3 ? "the reader held both" : sum > 0 ? "the reader held one" : "the reader held none");
            },
            () => Remove(ref first),
            () => Remove(ref second));

        void Remove(ref Ref<Version> pointer)
        {
            Version old = pointer.ReadOnce()!;
            pointer.WriteOnce(null);
            callbacks.Free(old);
        }
    }

    private static void Barrier()
    {
        var callbacks = new SpecRcuCallbacks(new SpecRcu("rcu"));
        var mine = new Plain<int>(0, "mine");
        var others = new Cell<int>(0, "others");
        Execution.Run(
            () =>
            {
                callbacks.Call(() => mine.Write(1));
                callbacks.Barrier();
                Execution.Assert(mine.Read() == 1, "a callback has run that was accepted before the barrier");
                bool ran = others.ReadOnce() != 0;
                Execution.Reached("the other's callback had run", ran);
                Execution.Reached("the other's callback had not run", !ran);
            },
            () => callbacks.Call(() => others.WriteOnce(1)));
    }

    private static void BarrierInCallback()
    {
        var callbacks = new SpecRcuCallbacks(new SpecRcu("rcu"));
        callbacks.Call(() => callbacks.Barrier());
    }

    private static void BarrierInReader()
    {
        var rcu = new SpecRcu("rcu");
        var callbacks = new SpecRcuCallbacks(rcu);
        rcu.ReadLock();
        callbacks.Call(static () => { });
        callbacks.Barrier();
        rcu.ReadUnlock();
    }

    private static void NoBarrier()
    {
        var callbacks = new SpecRcuCallbacks(new SpecRcu("rcu"));
        var used = new Version(0);
        callbacks.Call(() => used.Number.Write(1));
        used.Free();
    }

    private sealed class Version : SharedObject
    {
        public Plain<int> Number;

        public Version(int number, bool mustFree = false)
            : base(nameof(Version), mustFree) => Number = new Plain<int>(this, number, "number");
    }
}
