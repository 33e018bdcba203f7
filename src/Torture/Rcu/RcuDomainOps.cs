using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>A flavour of RCU, or SRCU, with its callbacks. What is broken on purpose overrides the part that it breaks.</summary>
internal class RcuDomainOps : RcuTortureOps
{
    private readonly RcuCallbacks _callbacks;

    /// <summary>Starts callbacks of a domain.</summary>
    public RcuDomainOps(GracePeriods domain)
    {
        Domain = domain;
        _callbacks = new RcuCallbacks(domain);
    }

    public override ulong Completed => Domain.Completed;

    public override int? PendingMax => RcuCallbacks.PendingMaxDefault;

    protected GracePeriods Domain { get; }

    public override RcuTortureReader Register() => Domain is RcuQsbr qsbr
        ? new RcuTortureReader.OfQsbr(qsbr)
        : new RcuTortureReader.OfDomain((Primitives.Rcu)Domain);

    public override TortureBlock? Dereference(ref Ref<TortureBlock> pointer) => Domain.Dereference(ref pointer);

    public override void Publish(ref Ref<TortureBlock> pointer, TortureBlock block)
    {
        block.Complete();
        Domain.Assign(ref pointer, block);
    }

    public override void Synchronize() => Domain.Synchronize();

    public override ulong GetState() => Domain.GetState();

    public override ulong StartPoll() => _callbacks.StartPoll();

    public override bool Poll(ulong state) => Domain.Poll(state);

    public override void CondSynchronize(ulong state) => Domain.CondSynchronize(state);

    public override void Call(RcuHead head, Action<RcuHead> callback) => _callbacks.Call(head, callback);

    public override void Barrier() => _callbacks.Barrier();

    public override void Dispose() => _callbacks.Dispose();
}
