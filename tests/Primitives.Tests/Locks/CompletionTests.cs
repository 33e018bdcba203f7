namespace RcuModel.Primitives.Tests.Locks;

/// <summary>Completions on real threads. All their interleavings are explored with the scenarios.</summary>
public sealed class CompletionTests
{
    [Fact]
    public void It_counts()
    {
        var completion = new Completion();
        Assert.False(completion.IsDone);
        Assert.False(completion.TryWait());
        completion.Complete();
        completion.Complete();
        Assert.True(completion.IsDone);
        completion.Wait();
        Assert.True(completion.TryWait());
        Assert.False(completion.TryWait());
        completion.CompleteAll();
        completion.Complete();
        completion.Wait();
        completion.Wait();
        Assert.True(completion.IsDone);
        completion.Reinitialise();
        Assert.False(completion.TryWait());
    }

    [Fact]
    public void Two_threads_play_ball()
    {
        const int Rounds = 2_000;
        var there = new Completion("there");
        var back = new Completion("back");
        int ball = 0;
        Execution.Run(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    ball++;
                    there.Complete();
                    back.Wait();
                }
            },
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    there.Wait();
                    ball++;
                    back.Complete();
                }
            });
        Assert.Equal(2 * Rounds, ball);
        Assert.False(there.IsDone);
        Assert.False(back.IsDone);
    }

    [Fact]
    public void All_who_wait_are_woken()
    {
        var completion = new Completion();
        var waiters = new ModelThread[4];
        for (int i = 0; i < waiters.Length; i++)
            waiters[i] = Execution.Start($"waiter {i}", () => completion.Wait());
        Thread.Sleep(5);
        completion.CompleteAll();
        foreach (ModelThread waiter in waiters)
            waiter.Join();
    }
}
