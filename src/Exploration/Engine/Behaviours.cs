using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// What threads have done so far, as a tree: a node is a thread after all that it has been given (life, children, the results of its
/// steps and plain accesses), and holds what it asks for next.
/// </summary>
/// <remarks>
/// <para>
/// A thread whose shared state is all seen by the hook does the same whenever it has been given the same. So where the tree
/// knows its next step, the step can be done before the thread's own code has come to it: see <see cref="Machine.Foresees"/>.
/// </para>
/// <para>
/// # What a node leaves out. A reference that is read says too little: what it refers to may have been made with other
/// values. So does the end of other threads, whose work lies around in memory that is nobody's any more. Such a thread is at
/// <see cref="Nowhere"/> from then on, and runs as if there were no tree.
/// </para>
/// </remarks>
internal sealed class Behaviours
{
    /// <summary>A thread of which the tree knows nothing.</summary>
    public const int Nowhere = -1;

    /// <summary>The body itself before it has done anything.</summary>
    public const int Root = 0;

    // 5 MiB. More would keep what is not met again soon, and leave the cache.
    private const int NodesMax = 1 << 16;

    private Node[] _nodes = new Node[64];
    private int _count = 1;

    public Behaviours() => _nodes[Root] = Node.New(0, default);

    /// <summary>An execution begins. When there is no room left, all is forgotten: the next one is like the last, and is soon learnt.</summary>
    public void BeginExecution()
    {
        if (_count < NodesMax)
            return;
        _count = 1;
        _nodes[Root] = Node.New(0, default);
    }

    /// <summary>What a thread can be given.</summary>
    public enum Given : byte
    {
        /// <summary>The result of what it has asked for.</summary>
        Result,

        /// <summary>A thread that it has started.</summary>
        Child,

        /// <summary>Life, by a parent that was at the node before.</summary>
        Life,
    }

    private enum Knowledge : byte
    {
        None,

        /// <summary>The next step is known, and nothing else lies before it.</summary>
        Step,

        /// <summary>On its way to the next step, or in it, the thread does what only its own code can do.</summary>
        OwnCode,
    }

    /// <summary>Where a thread is that was at a node and is given something.</summary>
    public int After(int node, Given given, long value)
    {
        if (node == Nowhere)
            return Nowhere;
        int child = Find(node, given, value);
        if (child != Nowhere || _count == NodesMax)
            return child;
        if (_count == _nodes.Length)
            Array.Resize(ref _nodes, _count * 2);
        child = _count++;
        _nodes[child] = Node.New(value, given);
        _nodes[child].Sibling = _nodes[node].Child;
        _nodes[node].Child = child;
        return child;
    }

    /// <summary>The same if a thread has been there before and its next step is known; nowhere otherwise.</summary>
    public int Known(int node, long result)
    {
        if (node == Nowhere)
            return Nowhere;
        int child = Find(node, Given.Result, result);
        return child != Nowhere && Knows(child) ? child : Nowhere;
    }

    /// <summary>Whether the next step of a thread that is there is known.</summary>
    public bool Knows(int node) => node != Nowhere && _nodes[node].Knows == Knowledge.Step;

    /// <summary>Notes what a thread at a node asks for.</summary>
    /// <param name="node">Where it is.</param>
    /// <param name="op">What it asks for.</param>
    /// <param name="place">The place of its location.</param>
    /// <param name="foreseeable">Whether somebody else can do it for the thread before the thread has come to it.</param>
    public void Note(int node, in Operation op, int place, bool foreseeable)
    {
        if (node == Nowhere || _nodes[node].Knows != Knowledge.None)
            return;
        ref Node known = ref _nodes[node];
        known.Knows = foreseeable ? Knowledge.Step : Knowledge.OwnCode;
        if (!foreseeable)
            return;
        known.Kind = op.Kind;
        known.Order = op.Order;
        known.Condition = op.Condition;
        known.Mode = op.Mode;
        known.FieldShift = op.FieldShift;
        known.FieldBits = op.FieldBits;
        known.Place = place;
        known.A = op.A;
        known.B = op.B;
        known.File = op.File;
        known.Line = op.Line;
    }

    /// <summary>Makes an operation of what a thread at a node is known to ask for, all but its location.</summary>
    /// <returns>The place of its location.</returns>
    public int Recall(int node, ref Operation op)
    {
        ref Node known = ref _nodes[node];
        op.Kind = known.Kind;
        op.IsReference = false;
        op.Order = known.Order;
        op.Condition = known.Condition;
        op.Mode = known.Mode;
        op.FieldShift = known.FieldShift;
        op.FieldBits = known.FieldBits;
        op.A = known.A;
        op.B = known.B;
        op.File = known.File;
        op.Line = known.Line;
        if (known.Kind is OperationKind.Await or OperationKind.AwaitExchange)
            (op.Predicate, op.Argument) = (null, null);
        return known.Place;
    }

    /// <summary>Whether an operation is what was noted.</summary>
    public bool IsAsNoted(int node, in Operation op, int place)
    {
        ref Node known = ref _nodes[node];
        return known.Kind == op.Kind && known.Place == place && !op.IsReference && known.Order == op.Order
            && known.Condition == op.Condition && known.FieldBits == op.FieldBits
            && (known.FieldBits == 0 || known.FieldShift == op.FieldShift)
            && (!UsesA(op) || known.A == op.A) && (!UsesB(op.Kind) || known.B == op.B)
            && (!IsOfLock(op.Kind) || known.Mode == op.Mode);
    }

    // Operands that a kind does not use keep stale values.
    private static bool UsesA(in Operation op) =>
        op.Kind is not (OperationKind.Load or OperationKind.PlainRead or OperationKind.Fence or OperationKind.ProcessWideFence)
        && (op.Kind is not OperationKind.Await || op.Condition != Condition.None);

    private static bool UsesB(OperationKind kind) =>
        IsOfLock(kind) || kind is OperationKind.CompareExchange or OperationKind.AddUnless or OperationKind.AwaitExchange;

    private static bool IsOfLock(OperationKind kind) =>
        kind is OperationKind.Acquire or OperationKind.TryAcquire or OperationKind.Release;

    private int Find(int node, Given given, long value)
    {
        int child = _nodes[node].Child;
        while (child != Nowhere && (_nodes[child].Value != value || _nodes[child].Given != given))
            child = _nodes[child].Sibling;
        return child;
    }

    private struct Node
    {
        public long Value;
        public long A;
        public long B;
        public string File;
        public int Child;
        public int Sibling;
        public int Place;
        public int Line;
        public Given Given;
        public Knowledge Knows;
        public OperationKind Kind;
        public Order Order;
        public Condition Condition;
        public LockMode Mode;
        public byte FieldShift;
        public byte FieldBits;

        public static Node New(long value, Given given) => new()
        {
            Value = value,
            Given = given,
            File = "",
            Child = Nowhere,
            Sibling = Nowhere,
        };
    }
}
