using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>
/// The thread that replaces the current block, and sees to it that those it has removed become a grace period older each
/// time one has passed. Kernel: rcu_torture_writer().
/// </summary>
internal sealed class Writer
{
    private readonly RcuTortureState _state;
    private readonly Action<RcuHead> _older;
    private readonly List<TortureBlock> _removed = [];
    private long _version;
    private int _doing;

    public Writer(RcuTortureState state)
    {
        _state = state;
        _older = Older;
    }

    /// <summary>How many blocks have been published.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>What it waits for, if it does not come on.</summary>
    public GracePeriodWays Doing => (GracePeriodWays)Volatile.Read(ref _doing);

    public void Run(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            thread.Stutter();
            if (thread.Random.OneIn(4))
                TortureThread.Spin(thread.Random.Below(20));
            if (_state.Pool.Take() is not { } block)
            {
                // All are on their way through the ages, and callbacks or nobody else brings them back.
                Thread.Sleep(1);
                continue;
            }

            TortureBlock? old = _state.Current.ReadOnce();
            _state.Ops.Publish(ref _state.Current, block);
            Volatile.Write(ref _version, _version + 1);
            if (old is null)
                continue;
            _state.Pool.Remove(old);
            GracePeriodWays way = _state.ChooseWay(thread.Random);
            Volatile.Write(ref _doing, (int)way);
            if (way == GracePeriodWays.Async)
            {
                _state.Ops.Call(old.Head, _older);
            }
            else
            {
                _removed.Add(old);
                _state.Wait(way, thread);
                _removed.RemoveAll(_state.Pool.Age);
            }

            Volatile.Write(ref _doing, 0);
        }
    }

    private void Older(RcuHead head)
    {
        // The test is ending: what is not free by now stays as it is.
        if (!_state.Pool.Age((TortureBlock)head.Owner!) && !_state.Session.MustStop)
            _state.Ops.Call(head, _older);
    }
}
