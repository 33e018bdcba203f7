using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.Interrupts;

/// <summary>Interrupts on real threads, with the checks on. All their interleavings are explored with the scenarios.</summary>
public sealed class IrqsTests
{
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_takes_no_interrupts_must_not_sleep(bool atLockGrain)
    {
        var irqs = new Irqs(atLockGrain: atLockGrain);
        RcuChecks.MightSleep("this");
        using (irqs.Off())
        {
            using (irqs.Off())
                Assert.Throws<AssertionFailedException>(() => RcuChecks.MightSleep("this"));
            Assert.Throws<AssertionFailedException>(() => RcuChecks.MightSleep("this"));
            Assert.Throws<AssertionFailedException>(() => irqs.Broadcast());
        }

        RcuChecks.MightSleep("this");
        irqs.Broadcast();
        Assert.Throws<AssertionFailedException>(() => irqs.Restore());
    }

    [Fact]
    public void An_IPI_may_be_sent_in_a_reader()
    {
        var irqs = new Irqs();
        var rcu = new RcuMb();
        using RcuReader reader = rcu.Register();
        using RcuSection<RcuMb> section = rcu.Read(reader);
        irqs.Broadcast();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_IPI_waits_for_sections(bool atLockGrain)
    {
        var irqs = new Irqs(atLockGrain: atLockGrain);
        var tables = new Ref<Table>(new Table(), "pmd");
        long walks = 0;
        bool stop = false;
        Func<bool> goesOn = Stress.GoesOn(s_duration, () => Volatile.Read(ref walks) != 0);
        Execution.Run(
            () =>
            {
                while (goesOn())
                {
                    Table? old = tables.Exchange(new Table());
                    irqs.Broadcast();
                    old!.IsFree = true;
                }

                Volatile.Write(ref stop, true);
            },
            () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    using IrqSection off = irqs.Off();
                    Table found = tables.LoadAcquire()!;
                    Assert.False(found.IsFree);
                    Thread.SpinWait(5);
                    Assert.False(found.IsFree);
                    walks++;
                }
            });
        Assert.NotEqual(0, walks);
    }

    private sealed class Table
    {
        public volatile bool IsFree;
    }
}
