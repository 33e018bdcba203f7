using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Fuzz;

/// <summary>What a random program is rich in.</summary>
public enum Mix
{
    Everything,
    Accesses,
    CompareExchanges,
    Awaits,
    AwaitsOverCells,
    Pointers,
    Fields,
    ReadersAndWriters,
    TryLocks,
    Ranges,
    LocksAndAwaits,
    Choices,
    Spurious,
    Nested,
    Buffers,
    BuffersAndAwaits,
    BuffersAndLocks,
    FencesElsewhere,
    Rcu,
    Races,
    LockedRaces,
    Lives,
}

/// <summary>Makes random programs: the same seed and mix, the same program.</summary>
internal sealed class ProgramGenerator
{
    private static readonly OpKind[] s_accesses =
    [
        OpKind.Load, OpKind.Load, OpKind.Load, OpKind.Store, OpKind.Store, OpKind.Store, OpKind.Exchange,
        OpKind.CompareExchange, OpKind.CompareExchange, OpKind.FetchAdd, OpKind.AddUnless, OpKind.FetchAnd, OpKind.FetchOr,
        OpKind.FetchXor,
    ];

    private static readonly OpKind[] s_compareExchanges =
        [OpKind.CompareExchange, OpKind.CompareExchange, OpKind.CompareExchange, OpKind.AddUnless, OpKind.Load, OpKind.Store];

    private static readonly OpKind[] s_awaits =
    [
        OpKind.AwaitEqual, OpKind.AwaitNotEqual, OpKind.AwaitClear, OpKind.AwaitSet, OpKind.AwaitPredicate,
        OpKind.AwaitExchange,
    ];

    private static readonly OpKind[] s_writes = [OpKind.Store, OpKind.Store, OpKind.FetchAdd, OpKind.Exchange, OpKind.FetchXor];

    private static readonly OpKind[] s_pointers =
    [
        OpKind.RefLoad, OpKind.RefStore, OpKind.RefStore, OpKind.RefExchange, OpKind.RefCompareExchange,
        OpKind.RefAwaitNotNull, OpKind.RefAwaitEqual, OpKind.RefAwaitPredicate,
    ];

    private static readonly OpKind[] s_fields =
        [OpKind.ReadField, OpKind.WriteField, OpKind.WriteField, OpKind.ExchangeField, OpKind.Load, OpKind.CompareExchange];

    private static readonly OpKind[] s_synchronising =
    [
        OpKind.Load, OpKind.Load, OpKind.Store, OpKind.Store, OpKind.Exchange, OpKind.CompareExchange, OpKind.FetchAdd,
        OpKind.AwaitNotEqual, OpKind.Fence, OpKind.ProcessWideFence,
    ];

    // What shows that a store is late, in few steps: stores, and loads of the same cells and of others.
    private static readonly OpKind[] s_buffered =
    [
        OpKind.Load, OpKind.Load, OpKind.Load, OpKind.Store, OpKind.Store, OpKind.Store, OpKind.Load, OpKind.Store,
        OpKind.Fence, OpKind.Exchange, OpKind.CompareExchange,
    ];

    private static readonly OpKind[] s_fencedElsewhere =
        [OpKind.Load, OpKind.Load, OpKind.Store, OpKind.Store, OpKind.ProcessWideFence, OpKind.ProcessWideFence];

    private readonly Random _random;
    private readonly Mix _mix;
    private int _cells;
    private int _refs;
    private int _locks;
    private int _plains;
    private int _objects;
    private int _spurious;

    private ProgramGenerator(int seed, Mix mix)
    {
        _random = new Random(seed);
        _mix = mix;
    }

    public static RandomProgram Make(int seed, Mix mix) => new ProgramGenerator(seed, mix).Make();

    private RandomProgram Make()
    {
        _cells = 1 + Below(3);
        if (_mix is Mix.Awaits or Mix.CompareExchanges)
            _cells = 1 + Below(2);
        _refs = _mix is Mix.Everything or Mix.Pointers ? 1 + Below(2) : 0;
        _locks = _mix is Mix.Rcu or Mix.Buffers or Mix.BuffersAndAwaits or Mix.FencesElsewhere or Mix.Accesses or Mix.CompareExchanges or Mix.Awaits or Mix.AwaitsOverCells or Mix.Pointers or Mix.Fields
            ? 0
            : 1 + Below(2);
        _plains = _mix is Mix.Races or Mix.LockedRaces ? 1 + Below(2) : 0;
        _objects = _mix == Mix.Lives ? 1 : 0;
        _spurious = _mix == Mix.Spurious ? 1 + Below(2) : 0;

        var body = new List<Op>();
        while (Chance(25))
            body.Add(One());
        int threads = 2 + (Chance(60) ? Chance(40) ? 2 : 1 : 0);
        body.Add(new Op(OpKind.Run) { Children = [.. Enumerable.Range(0, threads).Select(_ => Thread(threads, 0))] });
        for (int x = 0; x < _cells; x++)
            body.Add(new Op(OpKind.Load) { X = x, Order = Order.Relaxed });
        for (int p = 0; p < _refs; p++)
            body.Add(new Op(OpKind.RefLoad) { X = p });
        return new RandomProgram(_cells, _refs, _locks, _plains, _objects, _spurious, new Code([.. body]));
    }

    private Code Thread(int threads, int depth)
    {
        var ops = new List<Op>();
        int count = 1 + Below(threads == 2 ? 5 : threads == 3 ? 4 : 3);
        if (depth > 0)
            count = 1 + Below(2);
        int startedHere = 0;
        while (ops.Count < count)
        {
            bool nests = _mix == Mix.Nested ? Chance(30) : _mix == Mix.Everything && Chance(6);
            if (nests && depth < 2)
            {
                int kind = Below(5);
                int children = kind < 2 ? 1 + Below(2) : 1;
                ops.Add(new Op(kind < 2 ? OpKind.Run : kind < 4 ? OpKind.Start : OpKind.Background)
                {
                    Children = [.. Enumerable.Range(0, children).Select(_ => Thread(threads, depth + 1))],
                });
                startedHere += kind is 2 or 3 ? 1 : 0;
            }
            else if (startedHere > 0 && Chance(40))
            {
                ops.Add(new Op(OpKind.Join));
                startedHere--;
            }
            else if (_mix == Mix.Rcu && Chance(45))
            {
                Reader(ops);
            }
            else if (_locks > 0 && Chance(LockShare()))
            {
                Section(ops);
            }
            else
            {
                ops.Add(One());
            }
        }

        if (startedHere > 0 && Chance(70))
            ops.Add(new Op(OpKind.Join));
        return new Code([.. ops]);
    }

    private int LockShare() => _mix switch
    {
        Mix.ReadersAndWriters or Mix.TryLocks or Mix.Ranges or Mix.LocksAndAwaits => 60,
        Mix.LockedRaces => 50,
        Mix.BuffersAndLocks => 45,
        Mix.Everything => 15,
        _ => 8,
    };

    private void Section(List<Op> ops)
    {
        bool ranges = _mix == Mix.Ranges || (_mix == Mix.Everything && Chance(20)) || (_mix == Mix.LockedRaces && Chance(30));
        int tries = _mix == Mix.TryLocks ? 50 : _mix == Mix.ReadersAndWriters ? 10 : 15;
        ulong first = ranges ? (ulong)Below(4) : 0;
        int l = Below(_locks);
        bool tried = Chance(tries);
        ops.Add(new Op(tried ? OpKind.TryAcquire : OpKind.Acquire)
        {
            X = l,
            Mode = Chance(_mix == Mix.TryLocks ? 30 : 55) ? LockMode.Read : LockMode.Write,
            First = first,
            Last = ranges && Chance(90) ? first + (ulong)Below(3) : ulong.MaxValue,
        });
        if (Chance(45))
        {
            Op inside = One();
            ops.Add(tried && Chance(40) ? inside with { Guard = 1 } : inside);
        }

        if (Chance(12))
            Section(ops);
        if (Chance(93))
            ops.Add(new Op(OpKind.Release) { X = l });
    }

    // A reader, sometimes with another one in it, or a grace period.
    private void Reader(List<Op> ops)
    {
        if (Chance(45))
        {
            ops.Add(new Op(OpKind.RcuSynchronize));
            return;
        }

        bool nests = Chance(15);
        ops.Add(new Op(OpKind.RcuReadLock));
        if (nests)
            ops.Add(new Op(OpKind.RcuReadLock));
        if (Chance(70))
            ops.Add(One());
        if (nests)
            ops.Add(new Op(OpKind.RcuReadUnlock));
        ops.Add(new Op(OpKind.RcuReadUnlock));
    }

    private Op One()
    {
        OpKind[] kinds = _mix switch
        {
            Mix.CompareExchanges => s_compareExchanges,
            Mix.Awaits or Mix.LocksAndAwaits => Chance(45) ? s_awaits : s_writes,
            Mix.AwaitsOverCells => Chance(40) ? [OpKind.AwaitTwo, OpKind.AwaitTwo, OpKind.AwaitAll] : Chance(70) ? s_writes : s_accesses,
            Mix.Buffers or Mix.BuffersAndLocks => s_buffered,
            Mix.BuffersAndAwaits => Chance(40) ? s_awaits : s_buffered,
            Mix.FencesElsewhere => s_fencedElsewhere,
            Mix.Rcu => Chance(15) ? s_awaits : s_buffered,
            Mix.Pointers => Chance(80) ? s_pointers : s_accesses,
            Mix.Fields => Chance(85) ? s_fields : s_awaits,
            Mix.Choices => Chance(35) ? [OpKind.Choose] : Chance(15) ? s_awaits : s_accesses,
            Mix.Spurious => Chance(50) ? [OpKind.CompareExchangeWeak, OpKind.WaitWhile] : s_accesses,
            Mix.Races or Mix.LockedRaces => Chance(45) ? [OpKind.PlainRead, OpKind.PlainWrite] : s_synchronising,
            Mix.Lives => Chance(45)
                ? [OpKind.ObjectRead, OpKind.ObjectRead, OpKind.ObjectPlainRead, OpKind.ObjectFree]
                : s_synchronising,
            Mix.Everything => Below(10) switch
            {
                < 4 => s_accesses,
                < 6 => s_awaits,
                6 => s_pointers,
                7 => [OpKind.Choose],
                8 => [OpKind.AwaitTwo, OpKind.AwaitAll],
                _ => s_fields,
            },
            _ => Chance(10) ? s_awaits : s_accesses,
        };
        OpKind kind = kinds[Below(kinds.Length)];
        var op = new Op(kind) { X = Below(_cells), A = Below(3), B = Below(3) };
        if (Chance(12))
            op = op with { Guard = Below(3) };
        if (_mix is Mix.Races or Mix.LockedRaces or Mix.Lives or Mix.Buffers or Mix.BuffersAndAwaits or Mix.BuffersAndLocks)
            op = op with { Order = (Order)Below(4) };
        else if (Chance(30))
            op = op with { Order = (Order)Below(4) };
        switch (kind)
        {
            case OpKind.Store or OpKind.Exchange or OpKind.FetchAdd or OpKind.FetchXor or OpKind.CompareExchange
                or OpKind.CompareExchangeWeak or OpKind.WriteField or OpKind.ExchangeField:
                op = op with { UseLast = Chance(20) };
                if (kind == OpKind.Store && _mix == Mix.Awaits)
                    op = op with { A = Below(2) };
                if (kind is OpKind.WriteField or OpKind.ExchangeField)
                    op = op with { B = Below(2) };
                break;
            case OpKind.ReadField:
                op = op with { B = Below(2) };
                break;
            case OpKind.AwaitClear or OpKind.AwaitSet or OpKind.FetchAnd or OpKind.FetchOr:
                op = op with { A = 1 + Below(3) };
                break;
            case OpKind.AwaitPredicate or OpKind.AwaitAll:
                op = op with { A = Below(256) };
                break;
            case OpKind.AwaitTwo:
                op = op with { A = Below(65536), Y = Chance(10) ? op.X : (op.X + 1) % _cells };
                break;
            case OpKind.Choose:
                op = op with { A = 1 + Below(3) };
                break;
            case OpKind.AddUnless:
                op = op with { A = Chance(50) ? 1 : -1 };
                break;
            case OpKind.RefLoad or OpKind.RefStore or OpKind.RefExchange or OpKind.RefCompareExchange
                or OpKind.RefAwaitNotNull or OpKind.RefAwaitEqual:
                op = op with { X = Below(_refs) };
                break;
            case OpKind.RefAwaitPredicate:
                op = op with { X = Below(_refs), A = 1 + Below(6) };
                break;
            case OpKind.PlainRead or OpKind.PlainWrite:
                op = op with { X = Below(_plains) };
                break;
            case OpKind.ObjectRead or OpKind.ObjectPlainRead or OpKind.ObjectFree:
                op = op with { X = 0 };
                break;
        }

        return op;
    }

    private int Below(int bound) => _random.Next(bound);

    private bool Chance(int percent) => _random.Next(100) < percent;
}
