using RcuModel.CowContexts;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>A lock of ranges for each context, and what whoever changes its mm has taken.</summary>
internal sealed class RangeState
{
    private readonly GrainRangeLock _lock;

    [ThreadPrivate("who changes the mm, with its mmap lock held")]
    private RangeNode? _first;

    [ThreadPrivate("who changes the mm, with its mmap lock held")]
    private RangeNode? _second;

    public RangeState(CowContext context, Grain grain) => _lock = new GrainRangeLock(context, "cow_context->ranges", grain);

    public static RangeState Of(CowContext context) => (RangeState)context.State!;

    public GrainRangeLock Lock => _lock;

    public void Write(CowRange range, CowRange? other)
    {
        (CowRange first, CowRange? second) = InOrder(range, other);
        _first = _lock.Acquire(LockMode.Write, first.First, first.Last);
        if (second is { } too)
            _second = _lock.Acquire(LockMode.Write, too.First, too.Last);
    }

    public void EndWrite(CowRange range, CowRange? other)
    {
        (CowRange first, CowRange? second) = InOrder(range, other);
        if (second is { } too)
            _lock.Release(_second, LockMode.Write, too.First, too.Last);
        _lock.Release(_first, LockMode.Write, first.First, first.Last);
    }

    public void WriteNew()
    {
        // Nobody has found the child, so it is free; it is tried because we have a lock of its kind already.
        bool free = _lock.TryAcquire(LockMode.Write, CowRange.All.First, CowRange.All.Last, out _first);
        Execution.Assert(free, "nobody has found a child that is being made");
    }

    // By address, so that two who want two ranges cannot each wait for the other; as one where they are one.
    private static (CowRange First, CowRange? Second) InOrder(CowRange range, CowRange? other) =>
        other is not { } too ? (range, null)
        : range.Overlaps(too) ? (range.Around(too), null)
        : range.First < too.First ? (range, too) : (too, range);
}
