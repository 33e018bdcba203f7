using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>
/// Callbacks that one thread posts one after the other. They must run in that order, each once. The thread posts, callbacks
/// run one at a time, others read at any time.
/// </summary>
/// <param name="ops">Where they are posted.</param>
/// <param name="outOfOrder">Called when one runs that is not next.</param>
internal sealed class CallbackSequence(RcuTortureOps ops, Action outOfOrder)
{
    private static readonly Action<RcuHead> s_run = static head => ((Item)head.Owner!).Run();

    private long _posted;
    private long _ran;
    private long _disorders;

    public long Posted => Volatile.Read(ref _posted);

    public long Ran => Volatile.Read(ref _ran);

    public long Disorders => Volatile.Read(ref _disorders);

    public void Post()
    {
        long number = _posted;
        Volatile.Write(ref _posted, number + 1);
        ops.Call(new RcuHead(new Item(this, number)), s_run);
    }

    private void ReportDisorder() => outOfOrder();

    private sealed class Item(CallbackSequence sequence, long number)
    {
        public void Run()
        {
            if (sequence._ran != number)
            {
                Volatile.Write(ref sequence._disorders, sequence._disorders + 1);
                sequence.ReportDisorder();
            }

            Volatile.Write(ref sequence._ran, sequence._ran + 1);
        }
    }
}
