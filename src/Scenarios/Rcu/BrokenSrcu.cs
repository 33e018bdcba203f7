using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>SRCU whose grace periods take their steps otherwise than they should.</summary>
internal static class BrokenSrcu
{
    /// <summary>Only readers under the index that was current are waited for.</summary>
    internal sealed class NoFirstScan : Srcu
    {
        private protected override void FirstScan(int index)
        {
        }
    }

    /// <summary>Only readers under the index that was not current are waited for.</summary>
    internal sealed class NoSecondScan : Srcu
    {
        private protected override void SecondScan(int index)
        {
        }
    }

    /// <summary>Who comes and goes between the sums makes up for somebody who stays.</summary>
    internal sealed class LocksFirst : Srcu
    {
        private protected override bool IsDrained(int index)
        {
            ulong locks = SumLocks(index);
            return SumUnlocks(index) == locks;
        }
    }
}
