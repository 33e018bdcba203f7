using System.Collections.Concurrent;
using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu.Broken;

/// <summary>
/// Each callback waits for a grace period of its own, and nobody who posts them is held up: they come faster than they run.
/// </summary>
internal sealed class OneByOne : RcuDomainOps
{
    private readonly BlockingCollection<(RcuHead Head, Action<RcuHead> Callback)> _queue = [];
    private readonly Thread _worker;

    public OneByOne()
        : base(new RcuMemb())
    {
        _worker = new Thread(Work) { Name = "one by one", IsBackground = true };
        _worker.Start();
    }

    public override void Call(RcuHead head, Action<RcuHead> callback) => _queue.Add((head, callback));

    public override void Barrier()
    {
        using var done = new ManualResetEventSlim();
        Call(new RcuHead(), _ => done.Set());
        done.Wait();
    }

    public override void Dispose()
    {
        _queue.CompleteAdding();
        _worker.Join();
        _queue.Dispose();
        base.Dispose();
    }

    private void Work()
    {
        foreach ((RcuHead head, Action<RcuHead> callback) in _queue.GetConsumingEnumerable())
        {
            if (!_queue.IsAddingCompleted)
                Domain.Synchronize();
            callback(head);
        }
    }
}
