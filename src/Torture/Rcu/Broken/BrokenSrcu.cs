using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu.Broken;

/// <summary>SRCU whose grace periods do not wait as they should.</summary>
internal static class BrokenSrcu
{
    /// <summary>Only readers under the index that is not current are waited for: those who come late from an earlier change.</summary>
    internal sealed class NoSecondScan : Srcu
    {
        private protected override void SecondScan(int index)
        {
        }
    }

    /// <summary>
    /// Locks are summed before unlocks, with a rest in between as if the updater had been preempted: who comes and goes
    /// meanwhile makes up for somebody who stays.
    /// </summary>
    internal sealed class LocksFirst : Srcu
    {
        private const int RestMicroseconds = 50;

        private protected override bool IsDrained(int index)
        {
            ulong locks = SumLocks(index);
            TortureThread.Spin(RestMicroseconds);
            return SumUnlocks(index) == locks;
        }
    }
}
