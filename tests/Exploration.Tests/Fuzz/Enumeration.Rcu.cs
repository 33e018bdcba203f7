namespace RcuModel.Exploration.Tests.Fuzz;

/// <summary>Readers and grace periods, for the enumeration.</summary>
internal sealed partial class Enumeration
{
    // True if the operation is not done with this step.
    private bool RcuStep(State state, int t, Op op)
    {
        ref Thread thread = ref state.Threads[t];
        ulong done = EventOf(state, t);
        switch (op.Kind)
        {
            case OpKind.RcuReadLock:
                int[] begins = Step(state, t, Joined(thread.Clock, state.Grace.Select(static grace => grace.Clock)), 0);
                foreach ((_, ulong grace) in state.Grace)
                    FoundBeside(state, done, grace);
                state.Readers = [.. state.Readers, (t, begins, done, null)];
                thread.Depth = 1;
                return false;
            case OpKind.RcuReadUnlock:
                thread.Depth = 0;
                End(state, t, Step(state, t, thread.Clock, 0));
                return false;
            case OpKind.RcuSynchronize when thread.Phase == 0:
                int[] clock = Step(state, t, Joined(thread.Clock, state.Readers.Select(static reader => reader.Clock)), 0);
                foreach ((_, _, ulong reader, _) in state.Readers)
                    FoundBeside(state, done, reader);
                state.Grace = [.. state.Grace, (clock, done)];
                thread.Begun = state.Readers.Length;
                thread.Phase = 1;
                return true;
            default:
                Step(state, t, Joined(thread.Clock, state.Readers[..thread.Begun].Select(static reader => reader.Ended!)), 0);
                return false;
        }
    }

    private static void End(State state, int t, int[] clock)
    {
        int reader = Array.FindIndex(state.Readers, reader => reader.Thread == t && reader.Ended is null);
        state.Readers[reader].Ended = clock;
    }

    private void FoundBeside(State state, ulong step, ulong other)
    {
        if (_buffers)
            Found(state, step + (1UL << 34), (int)other);
    }
}
