using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// Steps of threads whose own code has not come to them yet. What a thread does next follows from what it has been given, so
/// where <see cref="Behaviours"/> has seen that before, the thread need not be woken to be asked: it stays behind, and takes
/// up what was done for it when something comes that only its own code can do, at the latest its end.
/// </summary>
/// <remarks>
/// <para>
/// Nothing that is explored depends on it. The strategy names the thread whose own code must run next; instead of switching
/// to it the machine puts its next operation there, as the thread would have, and asks the strategy on the thread's behalf.
/// </para>
/// <para>
/// # What it takes for granted: that all state which threads share is seen by the hook. A list that a lock protects is
/// shared state, too; who appends to it behind may append too late. Therefore threads are foreseen only where the analyzer
/// watches over this, in bodies marked <see cref="ModelCodeAttribute"/>. A thread that takes up what was done for it is
/// compared operation by operation: one that asks for something else is reported as not deterministic.
/// </para>
/// <para>
/// # What only a thread's own code can do, and at its place among the steps: making cells, making and freeing objects, starting
/// threads, keeping things in thread-locals; and every operation on references, since they lead to objects of this execution.
/// Plain accesses are no steps, and done where the thread's own code would do them.
/// </para>
/// </remarks>
internal sealed partial class Machine
{
    private readonly Behaviours? _behaviours;

    /// <summary>Whether threads are foreseen.</summary>
    public bool Foresees
    {
        get => _behaviours is not null;
        init => _behaviours = value ? new Behaviours() : null;
    }

    /// <summary>Whether the rules for model code hold for a body: its type, one around it or its assembly says so.</summary>
    public static bool IsModelCode(Action body)
    {
        for (Type? type = body.Method.DeclaringType; type is not null; type = type.DeclaringType)
        {
            if (type.IsDefined(typeof(ModelCodeAttribute), inherit: false))
                return true;
        }

        return body.Method.Module.Assembly.IsDefined(typeof(ModelCodeAttribute), inherit: false);
    }

    /// <summary>A thread's own code asks for a step or a plain access, having done everything before it by itself.</summary>
    public void Learn(Role role, bool hasDoneMore)
    {
        if (role.At == Behaviours.Nowhere)
            return;
        ref Operation op = ref role.Op;
        _behaviours!.Note(role.At, op, op.Location & PlaceMask, foreseeable: !hasDoneMore && IsForeseeable(op));
    }

    /// <summary>Where a thread is that has been given the result of what it asked for.</summary>
    public int AfterResult(Role role)
    {
        ref Operation op = ref role.Op;
        return role.At == Behaviours.Nowhere || SaysTooLittle(op)
            ? Behaviours.Nowhere
            : _behaviours!.After(role.At, Behaviours.Given.Result, ResultOf(op));
    }

    /// <summary>Whether what a thread that is behind asks for is what was done for it.</summary>
    public bool IsForeseen(Role role, int node) => _behaviours!.IsAsNoted(node, role.Op, role.Op.Location & PlaceMask);

    /// <summary>A thread that is behind does something else than it did before.</summary>
    public void ReportSurprise(Role role, string what)
    {
        Report(ViolationKind.Nondeterminism, role,
            $"the body is not deterministic: given the same as before, {role.Name} {what}. State outside of cells, a clock, a random "
            + "number or hash order may be the cause");
        Abandoning = true;
    }

    // What the thread's own code would do, were it woken: plain accesses and the next step, or go on with one that it waits for.
    // False if it is not known as far as that: then it is woken.
    private bool Foresee(Role role)
    {
        if (role.State == Role.Stage.Pending)
            return true;
        if (role.At == Behaviours.Nowhere)
            return false;
        int next = role.At;
        if (role.State == Role.Stage.Ready)
        {
            if (SaysTooLittle(role.Op))
                return false;
            long result = ResultOf(role.Op);
            next = _behaviours!.Known(next, result);
            if (next != Behaviours.Nowhere)
                role.IsGiven(result);
        }

        while (_behaviours!.Knows(next))
        {
            role.GoAhead(next);
            int place = _behaviours.Recall(next, ref role.Op);
            role.Op.Location = place == 0 ? 0 : (_stamp << PlaceBits) | place;
            if (role.Op.Kind is not (OperationKind.PlainRead or OperationKind.PlainWrite))
            {
                role.State = Role.Stage.Pending;
                return true;
            }

            PlainAccess(role);
            role.IsGiven(ResultOf(role.Op));
            next = _behaviours.Known(next, ResultOf(role.Op));
        }

        return false;
    }

    // The first thread that is behind; null if there is none.
    private Role? SomeoneBehind()
    {
        for (int r = 0; r < _roleCount; r++)
        {
            if (_roles[r]!.IsBehind)
                return _roles[r];
        }

        return null;
    }

    // Where a thread is that is born. Its parent is elsewhere afterwards, too, so that its next child is another one.
    private int BirthOf(Role parent)
    {
        if (parent.At == Behaviours.Nowhere)
            return Behaviours.Nowhere;
        int child = _behaviours!.After(parent.At, Behaviours.Given.Life, 0);
        parent.At = _behaviours.After(parent.At, Behaviours.Given.Child, 0);
        return child;
    }

    // The fence before a thread is started has no line: whether there is one depends on what is done when its own code comes there.
    private bool IsForeseeable(in Operation op) =>
        !op.IsReference && op.Condition != Condition.Predicate && op.File.Length > 0
        && op.Kind switch
        {
            OperationKind.ProcessWideFence => !_buffers,
            OperationKind.ProcessWideFenceEnd or OperationKind.AwaitMany or OperationKind.Join => false,
            >= OperationKind.RcuReadLock => false,
            _ => true,
        };

    // A reference that was read, or the end of other threads: what the thread does next hangs on more than that.
    private static bool SaysTooLittle(in Operation op) =>
        op.Kind == OperationKind.Join
        || (op is { IsReference: true, RefResult: not null } && op.Kind is not (OperationKind.Store or OperationKind.PlainWrite));

    // Results of other kinds are whatever was left there, and the thread does not look.
    private static long ResultOf(in Operation op) => op.IsReference ? 0 : op.Kind switch
    {
        OperationKind.Load or OperationKind.Exchange or OperationKind.CompareExchange or OperationKind.FetchAdd
            or OperationKind.FetchAnd or OperationKind.FetchOr or OperationKind.FetchXor or OperationKind.AddUnless
            or OperationKind.Await or OperationKind.AwaitExchange or OperationKind.Choose or OperationKind.TryAcquire
            or OperationKind.PlainRead => op.Result,
        _ => 0,
    };
}
