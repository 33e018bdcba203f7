using System.Collections.Concurrent;
using System.Diagnostics;
using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Strategies;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Stress;

/// <summary>
/// A thread of the body that nobody holds back: it performs its operations on the hardware, at once, and notes when. It
/// makes a little noise between them, or short bodies would nearly always run in the same order.
/// </summary>
internal sealed class StressThread(StressRun run, int index) : ControlledThread
{
    // One operation in so many is followed by a pause of up to so many spins; in every other run it gives its CPU away
    // instead, which does more where threads share one.
    private const int Quiet = 4;
    private const int SpinsMax = 60;

    // Longer than anybody waits who need not wait for long.
    private const int TurnsPerLook = 64;

    private readonly AbandonedException _abandoned = new();
    private readonly ConcurrentDictionary<object, object?[]> _locals = [];
    private Randomness _noise;
    private bool _yields;
    private int _spuriousLeft;
    private int _cells;
    private ulong _gracePeriod;
    private int _steps;

    public override int Index { get; } = index;

    public Action Body = static () => { };
    public bool Background;
    public int Spawns;
    public readonly List<int> Children = [];
    public int ObjectsMade;
    public readonly StressLog Log = new();

    /// <summary>Whether it has been born in this run, and ended.</summary>
    public volatile bool Born;
    public volatile bool Ended;

    /// <summary>Whether it waits with the operation in <see cref="ControlledThread.Op"/>. Under the run's gate.</summary>
    public bool Waiting;

    public override LockOrder LockOrder => run.LockOrder;

    public override bool Abandoned => run.Abandoning;

    public void Begin(string name, Action body, bool background, ulong seed, long runNumber, int spurious)
    {
        Name = name;
        Body = body;
        Background = background;
        Spawns = 0;
        ObjectsMade = 0;
        _cells = 0;
        _steps = 0;
        _spuriousLeft = spurious;
        _locals.Clear();
        Log.Clear();
        _noise = new Randomness(seed + (ulong)Index, runNumber);
        _yields = runNumber % 2 != 0;
        Waiting = false;
        Ended = false;
        Born = true;
    }

    protected override void Step()
    {
        if (run.Abandoning)
        {
            if (++_steps > run.StepsMax)
                throw _abandoned;
            Op.Result = 0;
            Op.RefResult = null;
            return;
        }

        run.ReleaseChildren(this);
        if (++_steps > run.StepsMax)
        {
            run.Fail(ViolationKind.Livelock, this, $"livelock: {Name} does not end");
            throw _abandoned;
        }

        Perform();
        Log.Add(Stopwatch.GetTimestamp());
        if (_noise.Below(Quiet) == 0)
        {
            if (_yields)
                Thread.Yield();
            else
                Thread.SpinWait(_noise.Below(SpinsMax));
        }

        if (run.Abandoning)
            throw _abandoned;
    }

    protected override void PlainStep()
    {
        StressCell cell = Access();
        if (Op.Kind == OperationKind.PlainRead)
        {
            Op.Result = cell.Bits;
            Op.RefResult = cell.Reference;
        }
        else if (Op.IsReference)
        {
            cell.Reference = Op.RefA;
        }
        else
        {
            cell.Bits = Op.A & cell.Mask;
        }
    }

    /// <summary>Whether the operation that this thread waits to do could be done. For others, under the gate, while it waits.</summary>
    public bool CouldGoOn()
    {
        switch (Op.Kind)
        {
            case OperationKind.Join:
                return run.HaveEnded(this);
            case OperationKind.Acquire:
                StressCell cell = run.Memory.Cell(Op.Location);
                lock (cell)
                    return !IsHeld(cell);
            case OperationKind.RcuSynchronizeEnd:
                StressCell domain = run.Memory.Cell(Op.Location);
                lock (domain)
                    return domain.Holders.TrueForAll(reader => reader.First > _gracePeriod);
            case OperationKind.AwaitMany:
                return Op.Predicate!(Op.Argument!, run.ValuesOf(Op.Footprint!));
            default:
                return Holds(run.Memory.Cell(Op.Location));
        }
    }

    public override string NameOf(int location) => run.Memory.Cell(location).Name;

    public override int NewLocation(int owner, string name, Type type, int size, long bits, object? reference)
    {
        int ordinal = ++_cells;
        run.Memory.NewCell(Index, ordinal).Reset(owner == 0 ? null : run.Memory.Object(owner), name, size, bits, reference);
        return Places.Of(Index, ordinal);
    }

    public override int NewLock(int owner, string name) => NewLocation(owner, name, typeof(void), 0, 0, null);

    public override int NewObject(string type, bool mustFree)
    {
        int ordinal = ++ObjectsMade;
        StressObject made = run.Memory.NewObject(Index, ordinal);
        made.Name = FormattableString.Invariant($"{type}#{ordinal}");
        made.MustFree = mustFree;
        Volatile.Write(ref made.Freed, 0);
        return Places.Of(Index, ordinal);
    }

    public override void FreeObject(int id, string file, int line)
    {
        if (run.Abandoning)
            return;
        StressObject freed = run.Memory.Object(id);
        if (Interlocked.Exchange(ref freed.Freed, 1) != 0)
            run.Fail(ViolationKind.DoubleFree, this, $"{freed.Name} is freed a second time");
    }

    public override int Spawn(string name, Action body, bool background) => run.Spawn(this, name, body, background);

    public override bool FailsSpuriously(string file, int line)
    {
        if (_spuriousLeft == 0 || run.Abandoning)
            return false;
        bool fails = _noise.Below(2) != 0;
        Log.AddChoice(fails ? 1 : 0);
        Log.Add(Stopwatch.GetTimestamp());
        if (fails)
            _spuriousLeft--;
        return fails;
    }

    public override void Reached(string label)
    {
    }

    public override ref object? Local(object key)
    {
        if (!_locals.TryGetValue(key, out object?[]? slot))
            _locals[key] = slot = new object?[1];
        return ref slot[0];
    }

    public override object? LocalOf(object key, int number) =>
        run.ThreadWithNumber(number)._locals.TryGetValue(key, out object?[]? slot) ? Volatile.Read(ref slot[0]) : null;

    private void Perform()
    {
        switch (Op.Kind)
        {
            case OperationKind.Fence:
                if (Op.Order == Order.Full)
                    Interlocked.MemoryBarrier();
                break;
            case OperationKind.ProcessWideFence:
                Interlocked.MemoryBarrierProcessWide();
                break;
            case OperationKind.Choose:
                Op.Result = _noise.Below((int)Op.A);
                Log.AddChoice((int)Op.Result);
                break;
            case OperationKind.Join or OperationKind.AwaitMany:
                WaitUntilPossible();
                break;
            case OperationKind.Acquire:
                while (!TryTake())
                    WaitUntilPossible();
                break;
            case OperationKind.TryAcquire:
                Op.Result = TryTake() ? 1 : 0;
                break;
            case OperationKind.Release:
                GiveBack();
                break;
            case OperationKind.RcuReadLock or OperationKind.RcuReadUnlock:
                DoRcu();
                break;
            case OperationKind.RcuSynchronize:
                DoRcu();

                // To the explorer its end is a step of its own.
                Log.Add(Stopwatch.GetTimestamp());
                Op.Kind = OperationKind.RcuSynchronizeEnd;
                WaitUntilPossible();
                break;
            case OperationKind.Await:
                WaitUntilPossible();
                _ = Access();
                break;
            case OperationKind.AwaitExchange:
                while (!TryAwaitedExchange())
                    WaitUntilPossible();
                break;
            default:
                Do(Access());
                break;
        }
    }

    private StressCell Access()
    {
        StressCell cell = run.Memory.Cell(Op.Location);
        if (cell.Owner is { } owner && Volatile.Read(ref owner.Freed) != 0)
        {
            run.Fail(ViolationKind.UseAfterFree, this, $"{Name} accesses {owner.Name}.{cell.Name} after it has been freed");
            throw _abandoned;
        }

        return cell;
    }

    private bool Holds(StressCell cell)
    {
        if (Op.IsReference)
        {
            object? seen = Volatile.Read(ref cell.Reference);
            Op.RefResult = seen;
            return Op.Condition == Condition.Predicate
                ? Op.Predicate!(Op.Argument!, [new CellValue(0, seen)])
                : ReferenceEquals(seen, Op.RefA) == (Op.Condition == Condition.Equal);
        }

        long value = Volatile.Read(ref cell.Bits);
        Op.Result = value;
        return Op.Condition == Condition.Predicate
            ? Op.Predicate!(Op.Argument!, [new CellValue(value, null)])
            : Conditions.Holds(Op.Condition, value, Op.A);
    }

    // Spins, then yields. Whoever has waited for long says so, until it goes on: others may look at its operation meanwhile, so
    // it evaluates its condition once more when they no longer do.
    private void WaitUntilPossible()
    {
        var spin = default(SpinWait);
        while (!CouldGoOn())
        {
            for (int turn = 1; !CouldGoOn(); turn++)
            {
                if (run.Abandoning)
                    throw _abandoned;
                spin.SpinOnce(sleep1Threshold: 200);
                if (turn % TurnsPerLook == 0)
                    run.LookForStandstill(this);
            }

            if (Waiting)
                run.GoOn(this);
        }
    }

    private bool TryAwaitedExchange()
    {
        StressCell cell = Access();
        if (!Holds(cell))
            return false;
        if (Op.IsReference)
            return ReferenceEquals(Interlocked.CompareExchange(ref cell.Reference, Op.RefB, Op.RefResult), Op.RefResult);
        return Interlocked.CompareExchange(ref cell.Bits, Op.B & cell.Mask, Op.Result) == Op.Result;
    }

    private bool IsHeld(StressCell cell)
    {
        foreach ((_, LockMode mode, ulong first, ulong last) in cell.Holders)
        {
            if ((mode == LockMode.Write || Op.Mode == LockMode.Write) && first <= (ulong)Op.B && (ulong)Op.A <= last)
                return true;
        }

        return false;
    }

    private bool TryTake()
    {
        StressCell cell = Access();
        lock (cell)
        {
            if (IsHeld(cell))
                return false;
            cell.Holders.Add((Index, Op.Mode, (ulong)Op.A, (ulong)Op.B));
            return true;
        }
    }

    private void GiveBack()
    {
        StressCell cell = Access();
        lock (cell)
        {
            int held = cell.Holders.FindIndex(holder => holder.Mode == Op.Mode && holder.First == (ulong)Op.A
                && holder.Last == (ulong)Op.B && (holder.Thread == Index || Op.Mode == LockMode.Write));
            if (held < 0)
                run.Fail(ViolationKind.UnbalancedRelease, this, $"{Name} releases {cell.Name}, which is not held so");
            else
                cell.Holders.RemoveAt(held);
        }
    }

    // RCU as specification: readers are numbered, and a grace period waits for those that there are when it begins.
    private void DoRcu()
    {
        StressCell domain = Access();
        lock (domain)
        {
            switch (Op.Kind)
            {
                case OperationKind.RcuReadLock:
                    domain.Holders.Add((Index, LockMode.Read, ++domain.Readers, 0));
                    break;
                case OperationKind.RcuSynchronize:
                    _gracePeriod = domain.Readers;
                    break;
                default:
                    int own = domain.Holders.FindIndex(reader => reader.Thread == Index);
                    if (own < 0)
                        run.Fail(ViolationKind.UnbalancedRelease, this, $"{Name} leaves a reader of {domain.Name} that it is not in");
                    else
                        domain.Holders.RemoveAt(own);
                    break;
            }
        }
    }

    private void Do(StressCell cell)
    {
        if (Op.IsReference)
            DoReference(cell);
        else if (Op.FieldBits != 0)
            DoField(cell);
        else
            DoWord(cell);
    }

    private void DoReference(StressCell cell)
    {
        switch (Op.Kind)
        {
            case OperationKind.Load:
                Op.RefResult = Volatile.Read(ref cell.Reference);
                break;
            case OperationKind.Store when Op.Order != Order.Full:
                Volatile.Write(ref cell.Reference, Op.RefA);
                break;
            case OperationKind.CompareExchange:
                Op.RefResult = Interlocked.CompareExchange(ref cell.Reference, Op.RefB, Op.RefA);
                break;
            default:
                Op.RefResult = Interlocked.Exchange(ref cell.Reference, Op.RefA);
                break;
        }
    }

    private void DoField(StressCell cell)
    {
        long mask = Op.FieldBits == 64 ? -1 : (1L << Op.FieldBits) - 1;
        while (true)
        {
            long old = Volatile.Read(ref cell.Bits);
            Op.Result = (old >> Op.FieldShift) & mask;
            if (Op.Kind == OperationKind.Load)
                return;
            long value = (old & ~(mask << Op.FieldShift)) | ((Op.A & mask) << Op.FieldShift);
            if (Interlocked.CompareExchange(ref cell.Bits, value & cell.Mask, old) == old)
                return;
        }
    }

    private void DoWord(StressCell cell)
    {
        switch (Op.Kind)
        {
            case OperationKind.Load:
                Op.Result = Volatile.Read(ref cell.Bits);
                return;
            case OperationKind.Store when Op.Order != Order.Full:
                Volatile.Write(ref cell.Bits, Op.A & cell.Mask);
                return;
            case OperationKind.Store or OperationKind.Exchange:
                Op.Result = Interlocked.Exchange(ref cell.Bits, Op.A & cell.Mask);
                return;
            case OperationKind.CompareExchange:
                Op.Result = Interlocked.CompareExchange(ref cell.Bits, Op.B & cell.Mask, Op.A);
                return;
        }

        while (true)
        {
            long old = Volatile.Read(ref cell.Bits);
            Op.Result = old;
            if (Op.Kind == OperationKind.AddUnless && old == Op.B)
                return;
            long value = Op.Kind switch
            {
                OperationKind.FetchAdd or OperationKind.AddUnless => old + Op.A,
                OperationKind.FetchAnd => old & Op.A,
                OperationKind.FetchOr => old | Op.A,
                OperationKind.FetchXor => old ^ Op.A,
                _ => throw new NotSupportedException($"{Op.Kind} does not exist on real threads."),
            };
            if (Interlocked.CompareExchange(ref cell.Bits, value & cell.Mask, old) == old)
                return;
        }
    }
}
