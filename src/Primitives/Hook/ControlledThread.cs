namespace RcuModel.Primitives;

/// <summary>
/// A thread of a body as its controller sees it. The cells fill <see cref="Op"/> and call <see cref="Step"/>; the
/// controller decides when the step happens, performs it, and leaves the result in <see cref="Op"/>.
/// </summary>
/// <remarks>
/// <b>The controller performs the access.</b> A cell does not wait for its turn and then touch memory: it hands over a
/// typed operation and is given the value, so that a controller can keep store buffers, old values, or anything else
/// between the thread and memory.
/// </remarks>
public abstract class ControlledThread
{
    /// <summary>The request under way.</summary>
    public Operation Op;

    /// <summary>What a trace calls it.</summary>
    public string Name = "";

    private FaultInjector? _faults;
    private List<Action>? _atEnd;
    private HeldLocks? _heldLocks;

    /// <summary>The number of this thread in its execution: 0 is the body itself.</summary>
    public abstract int Index { get; }

    /// <summary>Which of the body's threads it is, 0 being the body itself; the controller's own numbers may have gaps.</summary>
    public virtual int Number => Index;

    /// <summary>Whether the execution is being abandoned: hook operations have no effect while the stack unwinds.</summary>
    public abstract bool Abandoned { get; }

    /// <summary>The order in which the threads of its execution take locks.</summary>
    public abstract LockOrder LockOrder { get; }

    /// <summary>The locks that it holds.</summary>
    internal HeldLocks HeldLocks => _heldLocks ??= new HeldLocks(LockOrder);

    /// <summary>Asks the controller to perform <see cref="Op"/> and returns when that is done.</summary>
    protected internal abstract void Step();

    /// <summary>What the field or cell at a location was called when it was made.</summary>
    /// <param name="location">The location.</param>
    public abstract string NameOf(int location);

    /// <summary>
    /// Seeds a fault: from now on this thread's operations are changed on their way to the controller, which calls it
    /// before the thread's body begins.
    /// </summary>
    /// <param name="fault">The fault; null for none.</param>
    public void Seed(Fault? fault)
    {
        _faults = fault is null ? null : new FaultInjector(fault, this);
        _atEnd?.Clear();
        _heldLocks?.Clear();
    }

    /// <summary>
    /// Performs what a fault has held back, and looks whether the thread leaves everything as it must; the controller
    /// calls it when the thread's body has ended.
    /// </summary>
    public void FlushFault()
    {
        _faults?.Flush();
        _heldLocks?.ThreadEnds();
        if (_atEnd is not null)
        {
            foreach (Action check in _atEnd)
                check();
        }
    }

    /// <summary>Adds a check that this thread makes when its body has ended, such as that it holds nothing.</summary>
    /// <param name="check">Throws if something is wrong. It must not touch a cell.</param>
    public void AtEnd(Action check) => (_atEnd ??= []).Add(check);

    /// <summary>Performs a plain access at once; it is no scheduling point.</summary>
    protected internal abstract void PlainStep();

    /// <summary>Gives a new cell its place, named (allocating thread, its n-th allocation, field).</summary>
    /// <param name="owner">The object that the cell belongs to, or 0.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="type">The type of its values, for printing.</param>
    /// <param name="size">Bytes of a numeric cell; 0 for a reference cell.</param>
    /// <param name="bits">The initial bits.</param>
    /// <param name="reference">The initial reference.</param>
    public abstract int NewLocation(int owner, string name, Type type, int size, long bits, object? reference);

    /// <summary>Gives a new specification lock its place.</summary>
    /// <param name="owner">The object that the lock belongs to, or 0.</param>
    /// <param name="name">The lock's name.</param>
    public abstract int NewLock(int owner, string name);

    /// <summary>An object begins its life.</summary>
    /// <param name="type">What it is called in a trace.</param>
    /// <param name="mustFree">Whether it is a leak if the execution ends and nobody has freed it.</param>
    public abstract int NewObject(string type, bool mustFree);

    /// <summary>An object ends its life.</summary>
    /// <param name="id">What <see cref="NewObject"/> gave.</param>
    /// <param name="file">Source file.</param>
    /// <param name="line">Source line.</param>
    public abstract void FreeObject(int id, string file, int line);

    /// <summary>Creates a thread of the body; it becomes schedulable at once.</summary>
    /// <param name="name">Its name in a trace.</param>
    /// <param name="body">What it runs.</param>
    /// <param name="background">A background worker does not keep the execution alive.</param>
    /// <returns>Its index.</returns>
    public abstract int Spawn(string name, Action body, bool background);

    /// <summary>Whether the controller makes an operation that may fail spuriously fail this time.</summary>
    /// <param name="file">Source file.</param>
    /// <param name="line">Source line.</param>
    public abstract bool FailsSpuriously(string file, int line);

    /// <summary>Notes that the execution has come to a state that somebody hopes is reachable.</summary>
    /// <param name="label">Its name.</param>
    public abstract void Reached(string label);

    /// <summary>The controller's own storage of a thread-local of the model.</summary>
    /// <param name="key">The thread-local.</param>
    public abstract ref object? Local(object key);

    /// <summary>What another thread of the body has in its storage of a thread-local; null if nothing.</summary>
    /// <param name="key">The thread-local.</param>
    /// <param name="number">The other thread's <see cref="Number"/>.</param>
    public abstract object? LocalOf(object key, int number);

    internal long Load(int location, Order order, string file, int line)
    {
        Begin(OperationKind.Load, order, location, file, line);
        Go();
        return Op.Result;
    }

    internal void Store(int location, long value, Order order, string file, int line)
    {
        Begin(OperationKind.Store, order, location, file, line);
        Op.A = value;
        Go();
    }

    internal long ReadModifyWrite(OperationKind kind, int location, long a, long b, Order order, string file, int line)
    {
        Begin(kind, order, location, file, line);
        Op.A = a;
        Op.B = b;
        Go();
        return Op.Result;
    }

    internal long Field(OperationKind kind, int location, WordField field, long value, Order order, string file, int line)
    {
        Begin(kind, order, location, file, line);
        Op.A = value;
        Op.FieldShift = field.Shift;
        Op.FieldBits = field.Bits;
        Go();
        return Op.Result;
    }

    internal long Await(
        OperationKind kind, int location, Condition condition, long a, long b, Order order, string file, int line,
        AwaitPredicate? predicate = null, object? argument = null)
    {
        Begin(kind, order, location, file, line);
        Op.Condition = condition;
        Op.A = a;
        Op.B = b;
        Op.Predicate = predicate;
        Op.Argument = argument;
        Go();
        return Op.Result;
    }

    internal void AwaitMany(
        int[] footprint, AwaitPredicate predicate, object argument, string file, int line, Order order = Order.Acquire)
    {
        Begin(OperationKind.AwaitMany, order, 0, file, line);
        Op.Condition = Condition.Predicate;
        Op.Footprint = footprint;
        Op.Predicate = predicate;
        Op.Argument = argument;
        Go();
    }

    internal object? LoadRef(int location, Order order, string file, int line)
    {
        Begin(OperationKind.Load, order, location, file, line);
        Op.IsReference = true;
        Go();
        return Op.RefResult;
    }

    internal void StoreRef(int location, object? value, Order order, string file, int line)
    {
        Begin(OperationKind.Store, order, location, file, line);
        Op.IsReference = true;
        Op.RefA = value;
        Go();
    }

    internal object? ReadModifyWriteRef(
        OperationKind kind, int location, object? a, object? b, Order order, string file, int line)
    {
        Begin(kind, order, location, file, line);
        Op.IsReference = true;
        Op.RefA = a;
        Op.RefB = b;
        Go();
        return Op.RefResult;
    }

    internal object? AwaitRef(
        int location, Condition condition, object? a, Order order, string file, int line,
        AwaitPredicate? predicate = null, object? argument = null)
    {
        Begin(OperationKind.Await, order, location, file, line);
        Op.IsReference = true;
        Op.Condition = condition;
        Op.RefA = a;
        Op.Predicate = predicate;
        Op.Argument = argument;
        Go();
        return Op.RefResult;
    }

    internal void Fence(OperationKind kind, Order order, string file, int line)
    {
        Begin(kind, order, 0, file, line);
        Go();
    }

    internal int Choose(int alternatives, string file, int line)
    {
        Begin(OperationKind.Choose, Order.Relaxed, 0, file, line);
        Op.A = alternatives;
        Go();
        return (int)Op.Result;
    }

    internal bool Lock(OperationKind kind, int location, LockMode mode, ulong first, ulong last, string file, int line)
    {
        Begin(kind, kind == OperationKind.Release ? Order.Release : Order.Acquire, location, file, line);
        Op.Mode = mode;
        Op.A = (long)first;
        Op.B = (long)last;
        Go();
        return Op.Result != 0;
    }

    // Ranges say what conflicts: readers with grace periods that begin, and nothing else.
    internal void Rcu(OperationKind kind, int location, string file, int line)
    {
        Begin(kind, kind == OperationKind.RcuSynchronize ? Order.Full : Order.Relaxed, location, file, line);
        (Op.Mode, Op.A, Op.B) = kind switch
        {
            OperationKind.RcuReadLock => (LockMode.Read, 0, -1),
            OperationKind.RcuSynchronize => (LockMode.Write, Index, Index),
            _ => (LockMode.Read, -1L, -1L),
        };
        Go();
    }

    internal void Join(int thread, string file, int line)
    {
        Begin(OperationKind.Join, Order.Acquire, 0, file, line);
        Op.A = thread;
        Op.B = 0;
        Go();
    }

    // One step for all of them: nothing can be observed between the joins.
    internal void JoinLast(int count)
    {
        Begin(OperationKind.Join, Order.Acquire, 0, "", 0);
        Op.B = count;
        Go();
    }

    internal long PlainRead(int location, string file, int line)
    {
        Begin(OperationKind.PlainRead, Order.Relaxed, location, file, line);
        Op.Result = 0;
        GoPlain();
        return Op.Result;
    }

    internal void PlainWrite(int location, long value, string file, int line)
    {
        Begin(OperationKind.PlainWrite, Order.Relaxed, location, file, line);
        Op.A = value;
        GoPlain();
    }

    internal object? PlainReadRef(int location, string file, int line)
    {
        Begin(OperationKind.PlainRead, Order.Relaxed, location, file, line);
        Op.IsReference = true;

        // In an abandoned execution nobody gives a value: a walk along pointers must come to an end then.
        Op.RefResult = null;
        GoPlain();
        return Op.RefResult;
    }

    internal void PlainWriteRef(int location, object? value, string file, int line)
    {
        Begin(OperationKind.PlainWrite, Order.Relaxed, location, file, line);
        Op.IsReference = true;
        Op.RefA = value;
        GoPlain();
    }

    private void Go()
    {
        if (_faults is null)
            Step();
        else
            _faults.Step();
    }

    private void GoPlain()
    {
        if (_faults is null)
            PlainStep();
        else
            _faults.PlainStep();
    }

    // What every kind has, and what says which operands there are: an operation may have been left by an exception. Operands
    // that a kind does not use keep stale values and nobody looks at them.
    private void Begin(OperationKind kind, Order order, int location, string file, int line)
    {
        Op.Kind = kind;
        Op.IsReference = false;
        Op.Condition = Condition.None;
        Op.FieldBits = 0;
        Op.Order = order;
        Op.Location = location;
        Op.File = file;
        Op.Line = line;
    }
}
