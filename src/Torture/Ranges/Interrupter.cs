namespace RcuModel.Torture.Ranges;

/// <summary>A thread that tells others to give up waiting, whether they wait or not.</summary>
internal sealed class Interrupter(RangeThread[] threads)
{
    public void Run(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            threads[thread.Random.Below(threads.Length)].User.Interrupt();
            if (thread.Random.OneIn(4))
                Thread.Sleep(1);
            else
                TortureThread.Spin(thread.Random.Below(20));
            thread.Stutter();
        }
    }
}
