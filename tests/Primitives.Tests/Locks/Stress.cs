using System.Diagnostics;

namespace RcuModel.Primitives.Tests.Locks;

/// <summary>What real threads do to a lock.</summary>
internal static class Stress
{
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Threads increment a number without any atomicity of its own, every eighth time after an attempt instead of a wait.
    /// </summary>
    public static void AssertExclusion(int threads, Action<int> enter, Func<int, bool> tryEnter, Action<int> leave)
    {
        long sum = 0;
        int inside = 0;
        bool overlap = false;
        bool stop = false;
        var done = new long[threads];
        var bodies = new Action[threads];
        for (int i = 0; i < threads; i++)
        {
            int me = i;
            bodies[i] = () =>
            {
                for (int round = 0; !Volatile.Read(ref stop); round++)
                {
                    if (round % 8 != 7)
                        enter(me);
                    else if (!tryEnter(me))
                        continue;
                    overlap |= inside != 0;
                    inside = 1;
                    sum++;
                    inside = 0;
                    leave(me);
                    done[me]++;
                }
            };
        }

        ModelThread timer = Timer(
            s_duration, () => done.All(static count => count != 0), () => Volatile.Write(ref stop, true));
        Execution.Run(bodies);
        timer.Join();
        Assert.False(overlap);
        Assert.Equal(done.Sum(), sum);
        Assert.All(done, static count => Assert.NotEqual(0, count));
    }

    /// <summary>
    /// Lets threads come one after the other while somebody holds the lock, and gives the order in which they enter.
    /// </summary>
    public static List<int> OrderOfAdmission(
        int threads, Action<int> enter, Func<int, bool> hasCome, Action<int> leave)
    {
        var order = new List<int>();
        var waiters = new Thread[threads];
        enter(threads);
        for (int i = 0; i < threads; i++)
        {
            int me = i;
            waiters[i] = new Thread(() =>
            {
                enter(me);
                order.Add(me);
                leave(me);
            });
            waiters[i].Start();
            Until(() => hasCome(me));
        }

        leave(threads);
        foreach (Thread waiter in waiters)
            Assert.True(waiter.Join(s_patience));
        return order;
    }

    /// <summary>
    /// Whether a run goes on, from now: for so long, and until what it is to show has happened. On a machine that is busy otherwise a
    /// thread may not even have begun by then.
    /// </summary>
    public static Func<bool> GoesOn(TimeSpan duration, Func<bool> hasHappened)
    {
        var clock = Stopwatch.StartNew();
        return () => clock.Elapsed < duration || (clock.Elapsed < s_patience && !hasHappened());
    }

    /// <summary>A thread that says when such a run is over.</summary>
    public static ModelThread Timer(TimeSpan duration, Func<bool> hasHappened, Action over) => Execution.Start("timer", () =>
    {
        Func<bool> goesOn = GoesOn(duration, hasHappened);
        while (goesOn())
            Thread.Sleep(1);
        over();
    });

    /// <summary>Waits until something holds that another thread brings about.</summary>
    public static void Until(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < s_patience, "It did not come about.");
            Thread.Yield();
        }
    }
}
