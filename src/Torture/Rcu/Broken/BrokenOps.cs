using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu.Broken;

/// <summary>A sound flavour of RCU, around which one thing is broken.</summary>
internal abstract class BrokenOps(GracePeriods domain) : RcuDomainOps(domain)
{
    /// <summary>Callbacks wait for a grace period of another domain, in which nobody is waited for.</summary>
    internal sealed class CallbacksTooEarly() : BrokenOps(new RcuMemb())
    {
        private readonly RcuCallbacks _early = new(new SlowRcu.NoWaits());

        public override void Call(RcuHead head, Action<RcuHead> callback) => _early.Call(head, callback);

        public override void Barrier() => _early.Barrier();

        public override void Dispose()
        {
            _early.Dispose();
            base.Dispose();
        }
    }

    /// <summary>The barrier returns at once.</summary>
    internal sealed class NoBarrier() : BrokenOps(new RcuMemb())
    {
        public override void Barrier()
        {
        }
    }

    /// <summary>Each other callback is overtaken by the next one.</summary>
    internal sealed class Overtaking() : BrokenOps(new RcuMemb())
    {
        private readonly Lock _lock = new();
        private (RcuHead Head, Action<RcuHead> Callback)? _held;
        private int _overtaken;

        public override void Call(RcuHead head, Action<RcuHead> callback)
        {
            (RcuHead Head, Action<RcuHead> Callback) before;
            lock (_lock)
            {
                if (_held is not { } held)
                {
                    _held = (head, callback);
                    return;
                }

                before = held;
                _held = null;
                _overtaken++;
            }

            // Not under the lock: a caller may be held up until callbacks have run, and those call too.
            base.Call(head, callback);
            base.Call(before.Head, before.Callback);
            lock (_lock)
                _overtaken--;
        }

        public override void Barrier()
        {
            (RcuHead Head, Action<RcuHead> Callback)? held;
            lock (_lock)
                (held, _held) = (_held, null);
            if (held is { } last)
                base.Call(last.Head, last.Callback);

            // Those that are in nobody's hands but a caller's must be waited for too: it is the order that is broken here.
            while (AreSomeOvertaken())
                Thread.Sleep(1);
            base.Barrier();
        }

        private bool AreSomeOvertaken()
        {
            lock (_lock)
                return _overtaken > 0;
        }
    }

    /// <summary>The number for polling is that of a grace period that has ended by now.</summary>
    internal sealed class PollsThePast() : BrokenOps(new RcuMemb())
    {
        public override ulong GetState() => Completed << 1;

        public override ulong StartPoll() => GetState();

        public override void CondSynchronize(ulong state)
        {
            if (!Poll(state))
                Synchronize();
        }
    }

    /// <summary>A block is made current, and then completed.</summary>
    internal sealed class PublishesEarly() : BrokenOps(new RcuMemb())
    {
        public override void Publish(ref Ref<TortureBlock> pointer, TortureBlock block)
        {
            Domain.Assign(ref pointer, block);
            TortureThread.Spin(5);
            block.Complete();
        }
    }

    /// <summary>Readers keep what they found beyond their section.</summary>
    internal sealed class Leaking() : BrokenOps(new RcuMemb())
    {
        public override bool ReadersLeak => true;
    }

    /// <summary>Threads go offline and read on.</summary>
    internal sealed class ReadsOffline() : BrokenOps(new RcuQsbr())
    {
        public override RcuTortureReader Register() => new Offline((RcuQsbr)Domain);

        private sealed class Offline : RcuTortureReader.OfQsbr
        {
            public Offline(RcuQsbr domain)
                : base(domain) => Pause();

            // Either would bring the thread back.
            public override void Quiescent()
            {
            }

            public override void Resume()
            {
            }
        }
    }
}
