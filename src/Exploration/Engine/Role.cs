using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// A thread of the body. It is played by whichever worker has a free stack, a different one in each execution perhaps.
/// </summary>
internal sealed partial class Role : ControlledThread
{
    // A finally block may use the hook while its thread unwinds, but must not go on for ever.
    private const int UnwindStepsMax = 10_000;

    private readonly Machine _machine;
    private readonly AbandonedException _abandoned = new();
    private readonly Dictionary<object, object?[]> _locals = [];
    private int _unwindSteps;
    private int _spuriousLeft;

    public Role(Machine machine, int index)
    {
        _machine = machine;
        Index = index;
    }

    public enum Stage : byte
    {
        /// <summary>Its spawn has not happened yet in this execution.</summary>
        Unborn,

        /// <summary>It may run; what it will do first is not known.</summary>
        Spawned,

        /// <summary>It runs user code and holds the baton.</summary>
        Running,

        /// <summary>Its next step is known and not done.</summary>
        Pending,

        /// <summary>Its step is done; it has not gone on yet, so that what comes next is not known.</summary>
        Ready,

        /// <summary>Its body has ended.</summary>
        Finished,
    }

    public override int Index { get; }

    public override int Number => _machine.HasBuffers ? Index / 2 : Index;

    public Stage State;
    public Action Body = static () => { };
    public bool Background;
    public int Parent;
    public ushort SpawnedAfter;
    public int Spawns;

    /// <summary>The numbers of its children, in order, as far as they are known.</summary>
    public readonly List<int> Children = [];
    public Worker? Worker;

    /// <summary>Whether its own code has begun.</summary>
    public bool IsPlayed;

    /// <summary>While it waits for the end of other threads: which, as bits.</summary>
    public uint Joined;

    // How many locations, locks and objects it has made in this execution; their names count on it.
    public int Locations;
    public int Objects;

    /// <summary>Under a memory model with store buffers: this thread's own; null otherwise.</summary>
    public StoreBuffer? Buffer;

    /// <summary>Whether this is no thread but the lane of the buffer of the thread before it.</summary>
    public bool IsBuffer;

    /// <summary>Whether it has stored since it last waited for its buffer; a matter of the thread alone.</summary>
    public bool HasStored;

    /// <summary>Of a buffer: the process-wide fences, as (thread, its step), that still need a barrier here.</summary>
    public readonly List<(int Thread, ushort Step)> BarriersAsked = [];

    /// <summary>How deep it is in readers of each specification of RCU, by place.</summary>
    public readonly Dictionary<int, int> Readers = [];

    /// <summary>In a grace period: of which specification, which threads' readers it still waits for, and what those did that have ended.</summary>
    public int GraceIn;
    public uint GraceWaits;
    public readonly int[] GraceLeft = new int[Clock.Lanes];
    public readonly ushort[] Grace = new ushort[Clock.Lanes];

    /// <summary>In a process-wide fence: the buffers that need a barrier, as bits, and how many have not had it.</summary>
    public uint BarriersIn;
    public int BarriersLeft;

    /// <summary>What this thread has synchronised with: the happens-before of the memory model, for data races.</summary>
    public readonly ushort[] Synchronised = new ushort[Clock.Lanes];

    /// <summary>What a relaxed store publishes because a release fence came before it.</summary>
    public readonly ushort[] Fenced = new ushort[Clock.Lanes];

    /// <summary>What relaxed loads have seen and an acquire fence will take in.</summary>
    public readonly ushort[] Seen = new ushort[Clock.Lanes];

    public override LockOrder LockOrder => _machine.LockOrder;

    public override bool Abandoned => _machine.Abandoning;

    /// <summary>Comes to life in a new execution.</summary>
    public void Spawn(string name, Action body, bool background, Role? parent, int spuriousBudget)
    {
        State = Stage.Spawned;
        Name = name;
        Body = body;
        Background = background;
        Worker = null;
        Spawns = 0;
        Locations = 0;
        Objects = 0;
        _spuriousLeft = spuriousBudget;
        _unwindSteps = 0;
        IsPlayed = false;
        IsThere();
        _doesMore = false;
        HasStored = false;
        GraceIn = 0;
        Readers.Clear();
        if (_locals.Count > 0)
            _locals.Clear();
        if (parent is null)
        {
            Clock.Fill(ref Synchronised[0], 0);
        }
        else
        {
            Clock.Copy(ref Synchronised[0], ref parent.Synchronised[0]);
            parent.NextEpoch();
        }

        Synchronised[Index] = 1;
        Clock.Fill(ref Fenced[0], 0);
        Clock.Fill(ref Seen[0], 0);
    }

    /// <summary>What this thread does from now on is not covered by what it has published so far.</summary>
    public void NextEpoch() => Synchronised[Index]++;

    protected override void PlainStep()
    {
        if (_machine.Abandoning)
            return;
        if (CatchesUp)
        {
            TakeUp();
            return;
        }

        if (At != Behaviours.Nowhere)
            _machine.Learn(this, _doesMore);
        _machine.PlainAccess(this);
        GoesOn();
    }

    protected override void Step()
    {
        if (_machine.Abandoning)
        {
            // Already unwinding: the operation has no effect.
            if (++_unwindSteps > UnwindStepsMax)
                throw _abandoned;
            Op.Result = 0;
            Op.RefResult = null;
            return;
        }

        // What is wrong with the operation itself is this thread's failure, whoever would perform it.
        _machine.RequirePlace(Op);
        if (Op.Kind >= OperationKind.RcuReadLock && !_machine.IsRcuStep(this))
            return;
        WaitForStep();
        if (Op.Kind == OperationKind.RcuSynchronize)
        {
            Op.Kind = OperationKind.RcuSynchronizeEnd;
            (Op.Mode, Op.A, Op.B) = (LockMode.Read, -1, -1);
            WaitForStep();
        }
        else if (Buffer is not null && Op.Kind == OperationKind.ProcessWideFence)
        {
            Op.Kind = OperationKind.ProcessWideFenceEnd;
            WaitForStep();
        }
    }

    private void WaitForStep()
    {
        if (CatchesUp)
        {
            if (TakeUp())
                return;
        }
        else
        {
            if (At != Behaviours.Nowhere)
                _machine.Learn(this, _doesMore);
            State = Stage.Pending;
            if (Op.Kind == OperationKind.Join)
                Joined = _machine.JoinedBy(this);
        }

        if (_machine.Turns is { } turns)
        {
            TakeTurn(turns);
            return;
        }

        while (State == Stage.Pending && !IsBehind && !_machine.Abandoning)
        {
            // Whoever wakes this thread has done the operation for it, or left that to it, or done that and more.
            Role? next = _machine.NextRole(this);
            if (!ReferenceEquals(next, this))
                _machine.SwitchAway(this, next);
        }

        if (_machine.Abandoning)
        {
            State = Stage.Running;
            throw _abandoned;
        }

        if (IsBehind)
        {
            CatchUp();
            Answer();
            return;
        }

        State = Stage.Running;
        GoesOn();
    }

    // Somebody else says when the step happens; it is done on the spot.
    private void TakeTurn(ITurns turns)
    {
        turns.Wait(this);
        if (!_machine.Abandoning)
        {
            _machine.Perform(this);
            turns.Done(this);
        }

        State = Stage.Running;
        if (_machine.Abandoning)
            throw _abandoned;
    }

    public override string NameOf(int location) => _machine.Find(location).Name;

    public override int NewLocation(int owner, string name, Type type, int size, long bits, object? reference)
    {
        DoesMore();
        return _machine.NewLocation(this, owner, name, type, size, isLock: false, new CellValue(bits, reference));
    }

    public override int NewLock(int owner, string name)
    {
        DoesMore();
        return _machine.NewLocation(this, owner, name, typeof(void), 0, isLock: true, default);
    }

    public override int NewObject(string type, bool mustFree)
    {
        DoesMore();
        return _machine.NewObject(this, type, mustFree);
    }

    public override void FreeObject(int id, string file, int line)
    {
        DoesMore();
        if (!_machine.Abandoning)
            _machine.FreeObject(this, id, file, line);
    }

    public override int Spawn(string name, Action body, bool background)
    {
        // To start a thread is a full barrier on the way.
        if (HasStored && !_machine.Abandoning)
        {
            Op = new Operation { Kind = OperationKind.Fence, Order = Order.Full, File = "" };
            Step();
        }

        DoesMore();
        return _machine.SpawnRole(this, name, body, background);
    }

    public override bool FailsSpuriously(string file, int line)
    {
        if (_spuriousLeft == 0 || _machine.Abandoning)
            return false;
        (Operation saved, Op) = (Op, new Operation
        {
            Kind = OperationKind.Choose,
            A = 2,
            File = file,
            Line = line,
        });
        Step();
        bool fails = Op.Result != 0;
        Op = saved;
        if (fails)
            _spuriousLeft--;
        return fails;
    }

    public override void Reached(string label) => _machine.Reached(this, label);

    public override ref object? Local(object key)
    {
        DoesMore();
        if (!_locals.TryGetValue(key, out object?[]? slot))
            _locals[key] = slot = new object?[1];
        return ref slot[0];
    }

    public override object? LocalOf(object key, int number)
    {
        // What is found is nothing that this thread has been given.
        DoesMore();
        At = Behaviours.Nowhere;
        return _machine.RoleWithNumber(number)._locals.TryGetValue(key, out object?[]? slot) ? slot[0] : null;
    }
}
