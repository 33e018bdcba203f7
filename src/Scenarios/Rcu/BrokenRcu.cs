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

    /// <summary>
    /// Whoever leads has looked for registered readers when it came, and not when it took the stack of callers: it lets callers go
    /// who have come since, and so have readers.
    /// </summary>
    internal sealed class LooksTooSoon : BrokenRcu
    {
        private readonly ModelLocal<StrongBox<bool>> _foundNobody = new(static () => new StrongBox<bool>());

        public override void Synchronize([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        {
            _foundNobody.Value.Value = Readers().Length == 0;
            base.Synchronize(file, line);
        }

        private protected override bool IsNobodyToWaitFor(RcuReader[] registered) => _foundNobody.Value.Value;
    }

    /// <summary>
    /// Readers without a barrier, as those of memb, and no process-wide barrier if all seem to be outside: one that is inside may not
    /// be seen yet.
    /// </summary>
    internal sealed class SkipsIfOutside : BrokenRcu
    {
        public override void Lock(
            RcuReader reader, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        {
            RcuUsage.OfThread.Enter(reader, file, line);
            reader.Words.Ctr.WriteOnce(Gp.Value.ReadOnce());
        }

        protected override void UpdaterFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
            Fence.ProcessWide(file, line);

        private protected override void FenceReaders() => UpdaterFence();

        private protected override bool IsNobodyToWaitFor(RcuReader[] registered) =>
            registered.All(reader => !IsInside(reader.Words.Ctr.LoadAcquire()));
    }

    /// <summary>All steps as they should be: what fails with the others is their fault.</summary>
    internal sealed class NotBroken : BrokenRcu;
}
