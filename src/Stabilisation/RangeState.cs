using RcuModel.CowContexts;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>A lock of ranges for each context, and what whoever changes its mm has taken.</summary>
internal sealed class RangeState
{
    private readonly RangeLock _lock;

    [ThreadPrivate("who changes the mm, with its mmap lock held")]
    private RangeNode? _first;

    [ThreadPrivate("who changes the mm, with its mmap lock held")]
    private RangeNode? _second;

    public RangeState(CowContext context, Grain grain) => _lock = GrainRangeLock.Make(context, "cow_context->ranges", grain);

    public static RangeState Of(CowContext context) => (RangeState)context.State!;

    /// <summary>Has a range as a reader; null if it may not wait for that and would have to.</summary>
    public RangeNode? Read(long first, long last, bool waits)
    {
        RangeNode node = _lock.NewNode();
        if (_lock.TryAcquire(node, LockMode.Read, (ulong)first, (ulong)last))
            return node;
        if (waits)
        {
            _lock.Acquire(node, LockMode.Read, (ulong)first, (ulong)last);
            return node;
        }

        _lock.EndNode(node);
        return null;
    }

    public void End(RangeNode node)
    {
        _lock.Release(node);
        _lock.EndNode(node);
    }

    public void Write(CowRange range, CowRange? other)
    {
        (CowRange first, CowRange? second) = InOrder(range, other);
        _first = Write(first);
        _second = second is { } too ? Write(too) : null;
    }

    public void EndWrite()
    {
        if (_second is not null)
            End(_second);
        End(_first!);
    }

    public void WriteNew()
    {
        // Nobody has found the child, so it is free; it is tried because we have a lock of its kind already.
        _first = _lock.NewNode();
        _second = null;
        bool free = _lock.TryAcquire(_first, LockMode.Write, (ulong)CowRange.All.First, (ulong)CowRange.All.Last);
        Execution.Assert(free, "nobody has found a child that is being made");
    }

    private RangeNode Write(CowRange range)
    {
        RangeNode node = _lock.NewNode();
        _lock.Acquire(node, LockMode.Write, (ulong)range.First, (ulong)range.Last);
        return node;
    }

    // By address, so that two who want two ranges cannot each wait for the other; as one where they are one.
    private static (CowRange First, CowRange? Second) InOrder(CowRange range, CowRange? other) =>
        other is not { } too ? (range, null)
        : range.Overlaps(too) ? (range.Around(too), null)
        : range.First < too.First ? (range, too) : (too, range);
}
