using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.ReadCopyUpdate;

/// <summary>RCU on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class RcuTests
{
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(400);

    public static TheoryData<string> Flavours => ["memb", "mb", "qsbr"];

    [Theory]
    [MemberData(nameof(Flavours))]
    public void Nobody_reads_what_is_freed(string flavour)
    {
        Primitives.Rcu rcu = Create(flavour);
        var current = new Ref<Version>(new Version(), "current");
        bool stop = false;
        long reads = 0;
        long updates = 0;
        ModelThread timer = Stress.Timer(
            s_duration, () => Volatile.Read(ref reads) != 0 && Volatile.Read(ref updates) != 0, () => Volatile.Write(ref stop, true));
        Execution.Run(Reader, Reader, Updater, Updater);
        timer.Join();
        Assert.NotEqual(0, reads);
        Assert.NotEqual(0, updates);

        void Reader()
        {
            using RcuReader reader = rcu.Register();
            bool hasRead = false;
            while (!Volatile.Read(ref stop))
            {
                rcu.Lock(reader);
                Version seen = rcu.Dereference(ref current)!;
                rcu.Lock(reader);
                Assert.True(Volatile.Read(ref seen.Alive));
                rcu.Unlock(reader);
                Assert.True(Volatile.Read(ref seen.Alive));
                rcu.Unlock(reader);
                Pause(rcu, reader);
                if (!hasRead)
                    Interlocked.Increment(ref reads);
                hasRead = true;
            }
        }

        void Updater()
        {
            while (!Volatile.Read(ref stop))
            {
                Version old = current.Exchange(new Version())!;
                rcu.Synchronize();
                Volatile.Write(ref old.Alive, false);
                Interlocked.Increment(ref updates);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void Threads_come_and_go(string flavour)
    {
        Primitives.Rcu rcu = Create(flavour);
        var current = new Ref<Version>(new Version(), "current");
        bool stop = false;
        long comings = 0;
        ModelThread timer = Stress.Timer(
            s_duration, () => Volatile.Read(ref comings) != 0, () => Volatile.Write(ref stop, true));
        Execution.Run(Visitor, Visitor, Updater);
        timer.Join();
        Assert.NotEqual(0, comings);

        void Visitor()
        {
            while (!Volatile.Read(ref stop))
            {
                using RcuReader reader = rcu.Register();
                rcu.Lock(reader);
                Assert.True(Volatile.Read(ref rcu.Dereference(ref current)!.Alive));
                rcu.Unlock(reader);
                Interlocked.Increment(ref comings);
            }
        }

        void Updater()
        {
            while (!Volatile.Read(ref stop))
            {
                Version old = current.Exchange(new Version())!;
                rcu.Synchronize();
                Volatile.Write(ref old.Alive, false);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void A_grace_period_sleeps_until_its_reader_is_out(string flavour)
    {
        Primitives.Rcu rcu = Create(flavour);
        bool inside = false;
        bool left = false;
        ModelThread reading = Execution.Start("reader", () =>
        {
            using RcuReader reader = rcu.Register();
            rcu.Lock(reader);
            Volatile.Write(ref inside, true);
            Thread.Sleep(100);
            Volatile.Write(ref left, true);
            rcu.Unlock(reader);
        });
        Stress.Until(() => Volatile.Read(ref inside));
        rcu.Synchronize();
        Assert.True(Volatile.Read(ref left));
        reading.Join();
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void Many_callers_share_grace_periods(string flavour)
    {
        Primitives.Rcu rcu = Create(flavour);
        const int Callers = 8;
        const int Calls = 100;
        var threads = new Action[Callers];
        Array.Fill(threads, () =>
        {
            for (int i = 0; i < Calls; i++)
                rcu.Synchronize();
        });
        Execution.Run(threads);
        Assert.InRange(rcu.Completed, (ulong)Calls, (ulong)(Callers * Calls));
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void A_number_is_over_when_its_grace_period_is(string flavour)
    {
        Primitives.Rcu rcu = Create(flavour);
        ulong state = rcu.GetState();
        Assert.False(rcu.Poll(state));
        rcu.Synchronize();
        Assert.True(rcu.Poll(state));
        Assert.False(rcu.Poll(rcu.GetState()));
        ulong completed = rcu.Completed;
        rcu.CondSynchronize(state);
        Assert.Equal(completed, rcu.Completed);
        rcu.CondSynchronize(rcu.GetState());
        Assert.Equal(completed + 1, rcu.Completed);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void A_thread_has_one_reader_of_each_domain(string flavour)
    {
        Primitives.Rcu rcu = Create(flavour);
        Primitives.Rcu other = Create(flavour);
        RcuReader mine = rcu.ThreadReader;
        Assert.Same(mine, rcu.ThreadReader);
        Assert.NotSame(mine, other.ThreadReader);
        Assert.Same(mine, rcu.ThreadReader);
        ModelThread thread = Execution.Start("other", () => Assert.NotSame(mine, rcu.ThreadReader));
        thread.Join();
        rcu.Lock();
        rcu.Lock();
        rcu.Unlock();
        rcu.Unlock();
        rcu.Synchronize();

        // Given back, it is registered again when the thread next needs it; the checks would report it otherwise.
        mine.Dispose();
        rcu.Lock();
        rcu.Unlock();
        Assert.Same(mine, rcu.ThreadReader);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void A_thread_that_ends_in_a_reader_is_dropped_and_reported(string flavour)
    {
        string? report = null;
        Primitives.Rcu rcu = Create(flavour, new RcuOptions { OnStall = what => report = what });
        Execution.Start("lost", () => rcu.Lock()).Join();
        rcu.Synchronize();
        Assert.Contains("has ended in a reader", report, StringComparison.Ordinal);
        report = null;
        rcu.Synchronize();
        Assert.Null(report);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void A_stall_names_the_reader_and_where_it_entered(string flavour)
    {
        var reports = new List<string>();
        bool leave = false;
        Primitives.Rcu rcu = Create(flavour, new RcuOptions
        {
            StallAfter = TimeSpan.FromMilliseconds(100),
            OnStall = what =>
            {
                reports.Add(what);
                Volatile.Write(ref leave, true);
            },
        });
        bool inside = false;
        ModelThread reading = Execution.Start("slow", () =>
        {
            using RcuReader reader = rcu.Register("slow");
            rcu.Lock(reader);
            Volatile.Write(ref inside, true);
            Stress.Until(() => Volatile.Read(ref leave));
            rcu.Unlock(reader);
        });
        Stress.Until(() => Volatile.Read(ref inside));
        rcu.Synchronize();
        reading.Join();
        Assert.NotEmpty(reports);
        Assert.Contains("stalls", reports[0], StringComparison.Ordinal);
        Assert.Contains("slow of rcu, entered at RcuTests.cs:", reports[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_of_each_flavour_nest()
    {
        var memb = new RcuMemb();
        var mb = new RcuMb();
        var qsbr = new RcuQsbr();
        using (memb.Read())
        using (memb.Read())
        using (mb.Read())
        using (mb.Read())
        using (qsbr.Read())
        using (qsbr.Read())
            Assert.Equal(0UL, memb.Completed);
        memb.Synchronize();
        mb.Synchronize();
        qsbr.Synchronize();
    }

    [Fact]
    public void What_is_checked_under_a_controller_is_checked_on_real_threads_too()
    {
        var rcu = new RcuMemb();
        var current = new Ref<object>(rcu, "current");
        Assert.Throws<AssertionFailedException>(() => rcu.Dereference(ref current));
        Assert.Throws<AssertionFailedException>(() => rcu.Unlock());
        rcu.Lock();
        Assert.Throws<AssertionFailedException>(() => rcu.Synchronize());
        Assert.Throws<AssertionFailedException>(() => RcuChecks.MightSleep("a nap"));
        rcu.Unlock();
        rcu.Synchronize();
    }

    private static Primitives.Rcu Create(string flavour, RcuOptions? options = null) => flavour switch
    {
        "memb" => new RcuMemb(options: options),
        "mb" => new RcuMb(options: options),
        _ => new RcuQsbr(options: options),
    };

    private static void Pause(Primitives.Rcu rcu, RcuReader reader)
    {
        if (rcu is RcuQsbr qsbr)
            qsbr.QuiescentState(reader);
    }

    private sealed class Version
    {
        public bool Alive = true;
    }
}
