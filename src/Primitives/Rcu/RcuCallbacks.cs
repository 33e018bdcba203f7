using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace RcuModel.Primitives;

// A caller hands its head to the worker. The worker takes all heads that have come, waits for one grace period, which began
// after they came, and runs their callbacks in the order in which they came.
//
// On real threads a channel carries the heads and puts the worker to sleep. Under a controller they are pushed on a stack,
// which the worker takes as a whole and turns around:
//
//   caller: head.next = queue                     worker: awaits queue != null
//           queue = head, if it is the same still         takes the stack: queue = null
//                                                         Synchronize
//                                                         runs the callbacks

/// <summary>
/// Runs callbacks after a grace period of one domain, on a worker of its own, so that who removes something need not wait
/// until it can be freed.
/// </summary>
/// <remarks>
/// <para>
/// Guarantee: everything that a caller did before <see cref="Call(RcuHead, Action{RcuHead}, string, int)"/>, and every
/// reader that was under way then, comes before the callback. Callbacks run one after the other; those of one thread in
/// the order of its calls.
/// </para>
/// <para>
/// Callers that are too far ahead of the worker wait: when more than PendingMax callbacks have been accepted and not
/// run. Never waits who is in a reader of the domain, or is in a callback; for under QSBR that is anybody who is online.
/// With <see cref="RcuChecks"/> on, who is in a reader of any other domain does not wait either.
/// </para>
/// <para>Kernel: call_rcu(), rcu_barrier(), kfree_rcu(). liburcu: a call_rcu thread.</para>
/// </remarks>
public sealed class RcuCallbacks : SharedObject, IDisposable
{
    /// <summary>How many callbacks may be pending before callers wait, on real threads and unless said otherwise.</summary>
    public const int PendingMaxDefault = 100_000;

    // A batch ends here even if more have come, so that memory is given back while callers go on.
    private const int BatchMax = 10_000;

    private readonly GracePeriods _domain;
    private readonly int _pendingMax;
    private readonly Func<int, bool> _fewPending;
    private readonly Channel<RcuHead>? _channel;
    private readonly Thread? _thread;

    private Ref<RcuHead> _queue;
    private Cell<int> _pending;

    [ThreadPrivate("the worker; others only compare it with themselves, which gives the same answer whenever they look")]
    private object? _worker;

    /// <summary>Starts the worker.</summary>
    /// <param name="domain">The domain whose grace periods it waits for.</param>
    /// <param name="pendingMax">
    /// How many callbacks may be pending before callers wait; if null, <see cref="PendingMaxDefault"/> on real threads and
    /// any number under a controller, where a count of them would make all calls depend on each other.
    /// </param>
    /// <param name="name">What a trace calls it.</param>
    public RcuCallbacks(GracePeriods domain, int? pendingMax = null, string name = "callbacks")
        : base(name)
    {
        bool controlled = Hook.Enabled && Hook.Current is not null;
        _domain = domain;
        _pendingMax = pendingMax ?? (controlled ? int.MaxValue : PendingMaxDefault);
        _fewPending = pending => pending <= _pendingMax;
        _queue = new Ref<RcuHead>(this, null, "queue");
        _pending = new Cell<int>(this, 0, "count");
        if (controlled)
        {
            Execution.StartBackground(name, Work);
            return;
        }

        _channel = Channel.CreateUnbounded<RcuHead>(new UnboundedChannelOptions { SingleReader = true });
        _thread = new Thread(WorkFree) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>
    /// Has a callback run after a grace period. May be called anywhere, in readers and callbacks too.
    /// Kernel: call_rcu().
    /// </summary>
    /// <param name="head">A head at rest; at rest again when its callback begins.</param>
    /// <param name="callback">What to run. It must not wait for a reader or for another callback.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Call(
        RcuHead head, Action<RcuHead> callback,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        head.Take(file, line);
        head.Callback = callback;
        if (_pendingMax == int.MaxValue)
        {
            Put(head);
            return;
        }

        // Relaxed: a count for its own sake.
        int before = _pending.FetchAdd(1, Order.Relaxed);
        Put(head);
        if (before >= _pendingMax && MayWait())
            _pending.Await(_fewPending, Order.Relaxed);
    }

    /// <summary>Has an action run after a grace period. Kernel: call_rcu().</summary>
    /// <param name="action">What to run.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Call(Action action, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Call(new RcuHead(action), static head => ((Action)head.Owner!)(), file, line);

    /// <summary>Frees an object after a grace period. Kernel: kfree_rcu().</summary>
    /// <param name="shared">The object; nobody finds it any more.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Free(SharedObject shared, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Call(new RcuHead(shared), static head => ((SharedObject)head.Owner!).Free(), file, line);

    /// <summary>
    /// Waits until all callbacks have run that were accepted before. Not the same as a grace period: without callbacks it
    /// promises nothing. May sleep. Kernel: rcu_barrier().
    /// </summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Barrier([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
        {
            RcuUsage.OfThread.WaitForReaders(_domain, nameof(Barrier), maySleep: true, file, line);
            if (ReferenceEquals(_worker, RcuUsage.Thread))
                RcuUsage.Suspicious(file, line, "self-deadlock: a callback waits for all callbacks");
        }

        var last = new LastOne(this);
        Call(new RcuHead(last), static head => ((LastOne)head.Owner!).HasRun(), file, line);

        // Acquire pairs with the release in HasRun: what the callbacks have done comes before what follows here.
        _domain.WithoutReaders(last, static last => last.Callbacks._domain.Parking.AwaitNotEqual(ref last.Done, 0, Order.Acquire));
    }

    /// <summary>
    /// Has a grace period begin, and gives the number with which to poll for its end. Kernel:
    /// start_poll_synchronize_rcu().
    /// </summary>
    public ulong StartPoll()
    {
        ulong state = _domain.GetState();
        Call(static () => { });
        return state;
    }

    /// <summary>
    /// Runs what is pending and ends the worker; nobody may call any more. Under a controller the worker just waits.
    /// May sleep.
    /// </summary>
    public void Dispose()
    {
        _channel?.Writer.TryComplete();
        _thread?.Join();
    }

    private bool MayWait() => !ReferenceEquals(_worker, RcuUsage.Thread)
        && !_domain.IsThreadInside()
        && !(RcuChecks.On && RcuUsage.OfThread.IsInside);

    private void Put(RcuHead head)
    {
        if (_channel is not null)
        {
            if (!_channel.Writer.TryWrite(head))
                throw new InvalidOperationException($"{_domain} runs no callbacks any more.");
            return;
        }

        RcuHead? ahead = _queue.ReadOnce();
        while (true)
        {
            head.Next.Write(ahead);

            // Release pairs with the exchange in Work: the head and what its caller has done come with it.
            RcuHead? found = _queue.CompareExchange(ahead, head, Order.Release);
            if (found == ahead)
                return;
            ahead = found;
        }
    }

    private void Work()
    {
        _worker = RcuUsage.Thread;
        while (true)
        {
            // Relaxed: the exchange orders.
            _queue.AwaitNotNull(Order.Relaxed);

            // Acquire pairs with the release in Put.
            RcuHead? last = _queue.Exchange(null, Order.Acquire);
            RcuHead? first = null;
            int count = 0;
            while (last is not null)
            {
                RcuHead? ahead = last.Next.Read();
                last.Next.Write(first);
                (first, last) = (last, ahead);
                count++;
            }

            _domain.Synchronize();
            while (first is not null)
            {
                RcuHead? next = first.Next.Read();
                Run(first);
                first = next;
            }

            Forget(count);
        }
    }

    private void WorkFree()
    {
        _worker = RcuUsage.Thread;
        var batch = new List<RcuHead>();
        ChannelReader<RcuHead> reader = _channel!.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < BatchMax && reader.TryRead(out RcuHead? head))
                batch.Add(head);
            _domain.Synchronize();
            foreach (RcuHead head in batch)
                Run(head);
            Forget(batch.Count);
            batch.Clear();
        }
    }

    private void Forget(int count)
    {
        if (_pendingMax != int.MaxValue)
            _pending.FetchAdd(-count, Order.Relaxed);
    }

    // The callback may free what carries the head, or give the head to Call again.
    private static void Run(RcuHead head)
    {
        Action<RcuHead> callback = head.Callback!;
        head.Release();
        callback(head);
    }

    private sealed class LastOne : SharedObject
    {
        internal readonly RcuCallbacks Callbacks;
        internal Cell<int> Done;

        internal LastOne(RcuCallbacks callbacks)
            : base("barrier")
        {
            Callbacks = callbacks;
            Done = new Cell<int>(this, 0, "done");
        }

        internal void HasRun()
        {
            // Release pairs with the acquire in Barrier.
            Done.StoreRelease(1);
            Callbacks._domain.Parking.Wake();
        }
    }
}
