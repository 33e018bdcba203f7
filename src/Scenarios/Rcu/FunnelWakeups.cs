using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// The kernel's expedited grace periods keep their waiters in queues by the number of the grace period, two bits of it. The
/// leader wakes a queue when it has let the next leader begin; if it then asks which number it is, it may be told the next
/// one's, and the wrong queue wakes up (B40). RCU here keeps a word for each waiter instead, which cannot go wrong in this
/// way; so the protocol is written out.
/// </summary>
internal static class FunnelWakeups
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("rcu-funnel", "rcu", "waiters in queues by the number of their grace period are all woken", static () => Run(asksAgain: false))
        {
            Executions = 3,
            MustReach = ["a waiter slept"],
        },
        new("rcu-funnel-asks-again", "selfcheck", "the queue is chosen by a number that has gone on meanwhile (B40)",
            static () => Run(asksAgain: true))
        {
            MustFail = true,
        },
    ];

    private static void Run(bool asksAgain)
    {
        var sequence = new Cell<int>(0, "sequence");
        Cell<bool>[] woken = Cell<bool>.Array(2, false, "woken");
        Execution.Run(
            () =>
            {
                // Waits for the first grace period.
                if (sequence.LoadAcquire() >= 1)
                    return;
                woken[1].AwaitEqual(true);
                Execution.Reached("a waiter slept");
            },
            () =>
            {
                // Leads the first one.
                sequence.StoreRelease(1);
                int number = asksAgain ? sequence.ReadOnce() : 1;
                woken[number & 1].StoreRelease(true);
            },
            () =>
            {
                // Leads the second one.
                sequence.AwaitEqual(1);
                sequence.StoreRelease(2);
                woken[0].StoreRelease(true);
            });
    }
}
