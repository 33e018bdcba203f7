using System.Diagnostics;

namespace RcuModel.Primitives;

/// <summary>Applies one <see cref="Fault"/> to the operations of one controlled thread.</summary>
internal sealed class FaultInjector(Fault fault, ControlledThread thread)
{
    private Operation _held;
    private bool _holds;
    private int _pastLeft;
    private int _matches;

    /// <summary>Performs the thread's operation, changed if the fault hits it.</summary>
    public void Step()
    {
        if (!Hits())
        {
            thread.Step();
            if (--_pastLeft <= 0)
                Flush();
            return;
        }

        switch (fault.Change)
        {
            case FaultChange.Relax:
                thread.Op.Order = Order.Relaxed;
                thread.Step();
                break;
            case FaultChange.Delay:
                Hold();
                break;
            case FaultChange.Split:
                Split();
                break;
            default:
                Skip();
                break;
        }
    }

    /// <summary>
    /// Performs the thread's plain access, unless the fault has it lost or come later. It is no operation that a delayed one lets pass.
    /// </summary>
    public void PlainStep()
    {
        if (!Hits())
            thread.PlainStep();
        else if (fault.Change == FaultChange.Delay)
            Hold();
        else
            YieldNothing();
    }

    /// <summary>Performs what was held back, if anything.</summary>
    public void Flush()
    {
        if (!_holds)
            return;
        _holds = false;
        (Operation current, thread.Op) = (thread.Op, _held);
        if (_held.Kind is OperationKind.PlainRead or OperationKind.PlainWrite)
            thread.PlainStep();
        else
            thread.Step();
        thread.Op = current;
    }

    private bool Hits() =>
        (fault.Thread is not { } only || only == thread.Number)
        && fault.Hits(thread.Op, thread.Op.Location == 0 ? "" : thread.NameOf(thread.Op.Location))
        && (++_matches == fault.Occurrence || fault.Occurrence == 0);

    private void Hold()
    {
        Flush();
        _held = thread.Op;
        _holds = true;
        _pastLeft = fault.Past;
        YieldNothing();
    }

    private void Skip()
    {
        switch (thread.Op.Kind)
        {
            case OperationKind.Await or OperationKind.AwaitExchange or OperationKind.Exchange
                or OperationKind.CompareExchange or OperationKind.FetchAdd or OperationKind.FetchAnd
                or OperationKind.FetchOr or OperationKind.FetchXor or OperationKind.AddUnless:
                // What it would have written is lost, what it waits for is not waited for; the value is still read.
                thread.Op.Kind = OperationKind.Load;
                thread.Step();
                break;
            case OperationKind.Acquire or OperationKind.TryAcquire:
                thread.Op.Result = 1;
                break;
            default:
                YieldNothing();
                break;
        }
    }

    // What does not happen, or not yet, yields 0. What the last operation yielded may be of another execution.
    private void YieldNothing()
    {
        thread.Op.Result = 0;
        thread.Op.RefResult = null;
    }

    // The load and the store of an operation that should have been one step, and a full barrier only because it was one.
    // Only numeric cells have arithmetic.
    private void Split()
    {
        Operation whole = thread.Op;
        thread.Op.Kind = whole.Kind == OperationKind.AwaitExchange ? OperationKind.Await : OperationKind.Load;
        if (whole.Order == Order.Full)
            thread.Op.Order = Order.Acquire;
        thread.Step();
        long old = thread.Op.Result;
        object? oldReference = thread.Op.RefResult;

        (bool writes, long value, object? reference) = whole.Kind switch
        {
            OperationKind.Exchange => (true, whole.A, whole.RefA),
            OperationKind.CompareExchange =>
                (whole.IsReference ? ReferenceEquals(oldReference, whole.RefA) : old == whole.A, whole.B, whole.RefB),
            OperationKind.FetchAdd => (true, old + whole.A, null),
            OperationKind.FetchAnd => (true, old & whole.A, null),
            OperationKind.FetchOr => (true, old | whole.A, null),
            OperationKind.FetchXor => (true, old ^ whole.A, null),
            OperationKind.AddUnless => (old != whole.B, old + whole.A, null),
            OperationKind.AwaitExchange => (true, whole.B, whole.RefB),
            _ => throw new UnreachableException(),
        };
        if (writes)
        {
            thread.Op.Kind = OperationKind.Store;
            if (whole.Order == Order.Full)
                thread.Op.Order = Order.Release;
            thread.Op.A = value;
            thread.Op.RefA = reference;
            thread.Step();
        }

        thread.Op.Result = old;
        thread.Op.RefResult = oldReference;
    }
}
