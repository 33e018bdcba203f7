using System.Runtime.CompilerServices;
using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu.Broken;

/// <summary>
/// RCU with full barriers, whose readers now and then rest between loading the phase and saying that they are in it. It is
/// sound: a reader may be preempted there at any time. What needs that to go wrong would otherwise be a matter of days.
/// </summary>
internal class SlowRcu() : TwoPhaseRcu("rcu")
{
    private const int EntriesPerRest = 8;
    private const int SpinMax = 100;
    private const int SleepOneIn = 16;

    // The runtime zeroes it, and each thread counts for itself, over all domains: a rest harms nobody.
    [ThreadStatic]
    private static uint t_entries;

    public override void Lock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if ((reader.Words.Ctr.ReadOnce() & CountMask) != 0)
        {
            reader.Words.Ctr.AddOwned(Count);
            return;
        }

        ulong inside = Gp.Value.ReadOnce();
        uint entry = t_entries++;
        if (entry % EntriesPerRest == 0)
            Rest((int)(entry / EntriesPerRest * 2_654_435_761u >> 8));
        reader.Words.Ctr.WriteOnce(inside);

        // Pairs with the first UpdaterFence of a grace period.
        Fence.Full();
    }

    public override void Unlock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        // Full pairs with the last UpdaterFence of a grace period, and with that before a grace period sleeps.
        reader.Words.Ctr.FetchAdd(Minus, Order.Full);
        if (reader.Words.Waited.ReadOnce() != 0)
            reader.WakeUpdater();
    }

    protected override void UpdaterFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Fence.Full(file, line);

    // As often as not the CPU goes to somebody else, since an updater may have no other.
    private static void Rest(int random)
    {
        if (random % SleepOneIn == 0)
            Thread.Sleep(1);
        else if (random % 2 == 0)
            Thread.Yield();
        else
            TortureThread.Spin(random % SpinMax);
    }

    /// <summary>Grace periods begin and end, and wait for nobody.</summary>
    internal sealed class NoWaits : SlowRcu
    {
        protected override void FirstWait()
        {
        }

        protected override void SecondWait()
        {
        }
    }

    /// <summary>One flip, one wait: who comes late from an earlier flip looks new.</summary>
    internal sealed class NoFirstWait : SlowRcu
    {
        protected override void FirstWait()
        {
        }
    }

    /// <summary>Only those who come late from earlier flips are waited for.</summary>
    internal sealed class NoSecondWait : SlowRcu
    {
        protected override void SecondWait()
        {
        }
    }
}
