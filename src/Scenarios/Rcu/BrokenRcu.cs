using System.Runtime.CompilerServices;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// RCU with full barriers whose grace periods take their steps otherwise than they should. The steps themselves are those
/// of <see cref="TwoPhaseRcu"/>.
/// </summary>
internal abstract class BrokenRcu() : TwoPhaseRcu("rcu")
{
    public override void Lock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuUsage.OfThread.Enter(reader, file, line);
        reader.Words.Ctr.WriteOnce(Gp.Value.ReadOnce());

        // Pairs with the first UpdaterFence of a grace period.
        Fence.Full();
    }

    public override void Unlock(
        RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuUsage.OfThread.Leave(this, reader, file, line);

        // Release pairs with the last UpdaterFence of a grace period.
        reader.Words.Ctr.StoreRelease(reader.Words.Ctr.ReadOnce() - Count);
    }

    protected override void UpdaterFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Fence.Full(file, line);

    /// <summary>The phase flips and those in the old one are waited for: a latecomer of the last flip looks new (B41).</summary>
    internal sealed class NoFirstWait : BrokenRcu
    {
        protected override void FirstWait()
        {
        }
    }

    /// <summary>Only latecomers of earlier flips are waited for.</summary>
    internal sealed class NoSecondWait : BrokenRcu
    {
        protected override void SecondWait()
        {
        }
    }

    /// <summary>As NoFirstWait, with the steps in the wrong order instead of one too few (B41).</summary>
    internal sealed class FlipsFirst : BrokenRcu
    {
        protected override void FirstWait()
        {
            base.Flip();
            base.FirstWait();
        }

        protected override void Flip()
        {
        }
    }

    /// <summary>All steps as they should be: what fails with the others is their fault.</summary>
    internal sealed class NotBroken : BrokenRcu;
}
