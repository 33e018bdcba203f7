using RcuModel.Primitives;
using RcuModel.Torture.Locks;

namespace RcuModel.Torture.Ranges;

/// <summary>A thread that takes one range after the other, as a writer or as a reader.</summary>
/// <param name="state">What the test shares.</param>
/// <param name="tally">Its own.</param>
/// <param name="mode">How it takes them.</param>
/// <param name="number">From 1.</param>
internal sealed class RangeThread(RangeTortureState state, LockTally tally, LockMode mode, int number)
{
    private const int RestOneIn = 1 << 20;
    private const int TryOneIn = 4;
    private const int InterruptibleOneIn = 4;
    private const int DowngradeOneIn = 8;

    private readonly long[] _versions = new long[state.Sections.Length];
    private long _fulls;
    private long _interrupted;

    /// <summary>How often it has held all there is.</summary>
    public long Fulls => Volatile.Read(ref _fulls);

    /// <summary>How often it has given up waiting.</summary>
    public long Interrupted => Volatile.Read(ref _interrupted);

    /// <summary>What others may interrupt.</summary>
    public RangeTortureOps.User User { get; } = state.Ops.Register();

    public void Run(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            if (thread.Random.OneIn(RestOneIn))
                Thread.Sleep(1);
            (int first, int last, ulong lockedLast) = state.Choose(thread.Random);
            if (Take(thread.Random, (ulong)first, lockedLast))
            {
                tally.CountAcquired();
                if (lockedLast == ulong.MaxValue)
                    _fulls++;
                if (mode == LockMode.Write)
                    Write(thread.Random, first, last);
                else
                    Read(thread.Random, first, last);
                User.Release();
            }

            thread.Stutter();
        }
    }

    private bool Take(TortureRandom random, ulong first, ulong last)
    {
        if (state.Ops.CanTry && random.OneIn(TryOneIn) && tally.CountTry(User.TryAcquire(mode, first, last)))
            return true;
        if (state.Ops.CanInterrupt && random.OneIn(InterruptibleOneIn))
        {
            if (User.AcquireInterruptible(mode, first, last))
                return true;
            _interrupted++;
            return false;
        }

        User.Acquire(mode, first, last);
        return true;
    }

    private void Write(TortureRandom random, int first, int last)
    {
        string? wrong = null;
        for (int i = first; i <= last; i++)
            wrong = state.Sections[i].EnterWrite(number) ?? wrong;
        tally.Check(wrong);
        state.Times.Hold(random);
        wrong = null;
        if (!state.Ops.CanDowngrade || !random.OneIn(DowngradeOneIn))
        {
            for (int i = first; i <= last; i++)
                wrong = state.Sections[i].LeaveWrite(number) ?? wrong;
            tally.Check(wrong);
            return;
        }

        for (int i = first; i <= last; i++)
            wrong = state.Sections[i].Downgrade(number, out _versions[i]) ?? wrong;
        tally.Check(wrong);
        User.Downgrade();
        tally.CountDowngrade();
        state.Times.Hold(random);
        LeaveRead(first, last);
    }

    private void Read(TortureRandom random, int first, int last)
    {
        string? wrong = null;
        for (int i = first; i <= last; i++)
            wrong = state.Sections[i].EnterRead(out _versions[i]) ?? wrong;
        tally.Check(wrong);
        state.Times.Hold(random);
        LeaveRead(first, last);
    }

    private void LeaveRead(int first, int last)
    {
        string? wrong = null;
        for (int i = first; i <= last; i++)
            wrong = state.Sections[i].LeaveRead(_versions[i]) ?? wrong;
        tally.Check(wrong);
    }
}
