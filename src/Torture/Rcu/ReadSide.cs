namespace RcuModel.Torture.Rcu;

/// <summary>One read, as readers of all sorts do it. Kernel: rcu_torture_one_read().</summary>
/// <param name="state">What the test shares.</param>
/// <param name="tally">Where the thread counts.</param>
/// <param name="looker">The thread's place among those that note that they look; negative if it has none.</param>
internal sealed class ReadSide(RcuTortureState state, ReaderTally tally, int looker)
{
    private const string TooShort = "a reader has begun before a grace period and is still under way after it";
    private const string Incomplete = "a reader has found a block that is not complete yet, or was freed";
    private const string Leaked = "a block has grown older than a reader's section allows while the reader used it";

    /// <summary>Reads once. The thread is in no section.</summary>
    /// <param name="reader">The thread's registration.</param>
    /// <param name="random">The thread's random numbers.</param>
    /// <param name="callbacks">What the thread may post in its section, if anything.</param>
    /// <returns>Whether there was something to read.</returns>
    public bool Read(RcuTortureReader reader, TortureRandom random, CallbackSequence? callbacks = null)
    {
        int deeper = random.OneIn(8) ? 1 + random.Below(2) : 0;
        reader.Lock();
        ulong began = state.Ops.Completed;
        for (int i = 0; i < deeper; i++)
            reader.Lock();
        TortureBlock? block = state.Ops.Dereference(ref state.Current);
        if (block is null)
        {
            for (int i = 0; i <= deeper; i++)
                reader.Unlock();
            return false;
        }

        if (looker >= 0)
            block.Note(looker, looks: true);
        bool incomplete = !block.IsComplete;
        Delay(random);
        reader.Sleep(random);

        // The section goes on: a grace period that ends at the first of several ends is too short.
        for (int i = 0; i < deeper; i++)
            reader.Unlock();
        if (deeper > 0)
            Delay(random);
        if (callbacks is not null && random.OneIn(1000))
            callbacks.Post();
        int age = block.Age.ReadOnce();
        incomplete |= !block.IsComplete;
        ulong ended = state.Ops.Completed;
        if (looker >= 0)
            block.Note(looker, looks: false);
        reader.Unlock();
        tally.Count(age, ended - began, incomplete);
        if (age > 1 || ended - began > 1)
            state.Session.Error(TooShort);
        if (incomplete)
            state.Session.Error(Incomplete);
        if (state.Leaks)
            LookAgain(block, reader, random);
        return true;
    }

    private void LookAgain(TortureBlock block, RcuTortureReader reader, TortureRandom random)
    {
        reader.Quiescent();
        if (random.OneIn(64))
            TortureThread.Spin(random.Below(200));
        int age = block.Age.ReadOnce();
        bool incomplete = !block.IsComplete;
        if (age <= 1 && !incomplete)
            return;
        tally.Count(age, 0, incomplete);
        state.Session.Error(Leaked);
    }

    // Those that sleep leave the CPU to updaters, who get through several grace periods if they may; those that spin are likely
    // to be at the beginning or the end of one. Most reads have no delay at all.
    private static void Delay(TortureRandom random)
    {
        switch (random.Below(20_000))
        {
            case 0:
                Thread.Sleep(1 + random.Below(10));
                break;
            case <= 40:
                Thread.Sleep(1);
                break;
            case <= 80:
                Thread.Yield();
                break;
            case <= 200:
                TortureThread.Spin(random.Below(100));
                break;
        }
    }
}
