namespace RcuModel.Exploration.Tests.Fuzz;

/// <summary>Store buffers, for the enumeration.</summary>
internal sealed partial class Enumeration
{
    /// <summary>A store on its way to memory.</summary>
    /// <param name="Op">The operation.</param>
    /// <param name="Cell">The cell or pointer; -1 for the release of a lock, -2 for the end of a reader.</param>
    /// <param name="Value">What it writes.</param>
    /// <param name="Byte">The byte of the cell that it writes; -1 for all of it.</param>
    /// <param name="Event">The step that stored.</param>
    /// <param name="Taking">For the release of a lock, how it was taken.</param>
    private sealed record Buffered(Op Op, int Cell, int Value, int Byte, ulong Event, Op? Taking);

    private static int ByteOf(Op op) => op.Kind is OpKind.ReadField or OpKind.WriteField ? op.B : -1;

    private static int CellOf(State state, Op op) =>
        op.Kind is OpKind.RefLoad or OpKind.RefStore or OpKind.RefAwaitNotNull or OpKind.RefAwaitEqual or OpKind.RefAwaitPredicate
            ? state.Cells.Length + op.X
            : op.X;

    private static bool IsLoad(State state, int t, Op op) => op.Kind switch
    {
        OpKind.Load or OpKind.ReadField or OpKind.RefLoad or OpKind.RefAwaitNotNull or OpKind.RefAwaitEqual
            or OpKind.RefAwaitPredicate or OpKind.WaitWhile => true,
        OpKind.AwaitEqual or OpKind.AwaitNotEqual or OpKind.AwaitClear or OpKind.AwaitSet or OpKind.AwaitPredicate =>
            op.Order != Primitives.Order.Full,
        OpKind.CompareExchangeWeak => state.Threads[t].Phase == 1,
        _ => false,
    };

    private static Buffered? Newest(State state, int t, int cell) =>
        Array.FindLast(state.Threads[t].Buffer, store => store.Cell == cell);

    // What a load sees: its own thread's last store, or memory.
    private static int Visible(State state, int t, Op op)
    {
        int cell = CellOf(state, op);
        if (IsLoad(state, t, op) && Newest(state, t, cell) is { } own)
            return own.Value;
        return cell < state.Cells.Length ? state.Cells[cell] : state.Refs[cell - state.Cells.Length];
    }

    private bool MustWait(State state, int t, Op op)
    {
        ref Thread thread = ref state.Threads[t];
        if (op.Kind is OpKind.Run or OpKind.Join)
        {
            int[] joined = op.Kind == OpKind.Run ? [.. op.Children.Select(child => child.Id)] : [thread.Started[0]];
            if (thread.Phase == 0 && op.Kind == OpKind.Run)
                return thread.Buffer.Length > 0;
            return thread.Buffer.Length > 0 || Array.Exists(joined, child => state.Threads[child].Buffer.Length > 0);
        }

        if (op.Kind == OpKind.WaitWhile && thread is { Phase: 0, Budget: > 0 })
            return false;
        if (op.Kind == OpKind.CompareExchangeWeak && thread is { Phase: 0, Budget: > 0 })
            return false;
        if (op.Kind == OpKind.ProcessWideFence && thread.Phase == 1)
            return thread.Fences.Length > 0;
        if (IsLoad(state, t, op))
            return Newest(state, t, CellOf(state, op)) is { Byte: >= 0 } part && part.Byte != ByteOf(op);
        return op.Kind switch
        {
            OpKind.Store or OpKind.WriteField or OpKind.RefStore or OpKind.Release or OpKind.Choose or OpKind.RcuReadLock
                or OpKind.RcuReadUnlock => false,
            OpKind.Fence when op.Order is Primitives.Order.Acquire or Primitives.Order.Release => false,
            _ => thread.Buffer.Length > 0,
        };
    }

    // Gives what a load sees. True if the step is one that only store buffers have, and is done.
    private bool MoveWithBuffers(State state, int t, Op op, int a, ref int old, ref int oldRef)
    {
        ref Thread thread = ref state.Threads[t];
        if (IsLoad(state, t, op) && Newest(state, t, CellOf(state, op)) is { } own)
        {
            if (own.Cell < state.Cells.Length)
                old = own.Byte >= 0 ? own.Value << (8 * own.Byte) : own.Value;
            else
                oldRef = own.Value;
        }

        Op? taking = null;
        int cell = CellOf(state, op);
        switch (op.Kind)
        {
            case OpKind.Store or OpKind.RefStore:
                break;
            case OpKind.WriteField:
                a &= 0xff;
                break;
            case OpKind.RcuReadUnlock:
                thread.Depth = 0;
                cell = -2;
                break;
            case OpKind.Release:
                int at = Array.FindLastIndex(thread.Held, held => held.X == op.X);
                taking = thread.Held[at];
                thread.Held = [.. thread.Held.Where((_, n) => n != at)];
                cell = -1;
                break;
            case OpKind.ProcessWideFence when thread.Phase == 0:
                Found(state, EventOf(state, t), 0);
                thread.Fences = [.. Enumerable.Range(0, _threads).Where(
                    other => other != t && state.Threads[other].Buffer is { Length: > 0 })];
                thread.Phase = 1;
                return true;
            default:
                return false;
        }

        ulong done = EventOf(state, t);
        thread.Buffer = [.. thread.Buffer, new Buffered(op, cell, op.Kind == OpKind.RefStore ? op.A : a, ByteOf(op), done, taking)];
        Found(state, done, 0);
        thread.Phase = 0;
        thread.At++;
        return true;
    }

    private void Drain(State state, int t)
    {
        ref Thread thread = ref state.Threads[t];
        Buffered store = thread.Buffer[0];
        thread.Buffer = thread.Buffer[1..];
        ulong drain = store.Event + (1UL << 32);
        if (store.Cell == -2)
        {
            Found(state, drain, 0);
            End(state, t, thread.Clock);
        }
        else if (store.Taking is { } taking)
        {
            int holder = Array.FindIndex(state.Holders[store.Op.X], held => ReferenceEquals(held, taking));
            state.Holders[store.Op.X] = [.. state.Holders[store.Op.X].Where((_, n) => n != holder)];
            FindsLock(state, drain, store.Op.X, taking, writes: true);
        }
        else
        {
            Found(state, drain, state.LastWrite[store.Cell]);
            state.LastWrite[store.Cell] = (int)store.Event;
            if (store.Cell >= state.Cells.Length)
                state.Refs[store.Cell - state.Cells.Length] = store.Value;
            else if (store.Byte < 0)
                state.Cells[store.Cell] = store.Value;
            else
                state.Cells[store.Cell] = (state.Cells[store.Cell] & ~(0xff << (8 * store.Byte))) | (store.Value << (8 * store.Byte));
        }

        if (thread.Buffer.Length > 0)
            return;
        for (int other = 0; other < _threads; other++)
        {
            if (state.Threads[other].Fences is { Length: > 0 } waits)
                state.Threads[other].Fences = [.. waits.Where(waited => waited != t)];
        }
    }

    private static int SourceOf(State state, int t, int cell) =>
        Newest(state, t, cell) is { } own ? (int)own.Event : state.LastWrite[cell];

    // A step of the program, the same in every interleaving; never 0, which stands for what there was at the beginning.
    private static ulong EventOf(State state, int t) =>
        1 + (((ulong)t * 64) + (ulong)state.Threads[t].At) * 4 + (ulong)state.Threads[t].Phase;

    private static void Found(State state, ulong step, int what)
    {
        ulong hash = ((step * 0x9E3779B97F4A7C15UL) ^ ((ulong)(uint)what + 1)) * 0xD1342543DE82EF95UL;
        hash ^= hash >> 31;
        hash *= 0xBF58476D1CE4E5B9UL;
        hash ^= hash >> 32;
        ulong other = (hash ^ (step << 17) ^ (ulong)(uint)what) * 0x94D049BB133111EBUL;
        other ^= other >> 29;
        state.Hash1 += hash;
        state.Hash2 += other * 0x2545F4914F6CDD1DUL;
    }

    private static void FindsLock(State state, ulong step, int l, Op how, bool writes)
    {
        Found(state, step, writes ? 1 : 2);
        foreach ((Op past, bool pastWrites, int[] id) in state.LockSteps[l])
        {
            if ((pastWrites || writes) && !Compatible(past, how))
                Found(state, step + (1UL << 33), id[0]);
        }

        state.LockSteps[l] = [.. state.LockSteps[l], (how, writes, [(int)(step ^ (step >> 32 << 20))])];
    }

    // Two prefixes of which this is the same go on in the same ways.
    private (ulong, ulong) Key(State state)
    {
        if (!_buffers)
            return (state.Hash1, state.Hash2);
        ulong fences = 0;
        for (int t = 0; t < _threads; t++)
        {
            foreach (int waited in state.Threads[t].Fences ?? [])
                fences += ((ulong)(t * 64) + (ulong)waited + 1) * 0xA0761D6478BD642FUL;
        }

        return (state.Hash1 + fences, state.Hash2 ^ fences);
    }
}
