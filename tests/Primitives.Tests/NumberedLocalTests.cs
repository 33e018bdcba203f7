namespace RcuModel.Primitives.Tests;

/// <summary>A thread-local that others find by number, on free threads.</summary>
public sealed class NumberedLocalTests
{
    [Fact]
    public void Each_thread_has_its_own_and_finds_the_others()
    {
        var local = new NumberedLocal<Named>(static number => new Named(number));
        var made = new Named[20];
        using var all = new Barrier(made.Length);
        var bodies = new Action[made.Length];
        for (int i = 0; i < bodies.Length; i++)
        {
            int me = i;
            bodies[i] = () =>
            {
                made[me] = local.Value;
                all.SignalAndWait();
                Assert.Same(made[me], local.Value);
                foreach (Named other in made)
                    Assert.Same(other, local.Of(other.Number));
            };
        }

        Execution.Run(bodies);
        Assert.Equal(made.Length, made.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, made.Length), made.Select(static one => one.Number).Order());
    }

    [Fact]
    public void The_number_of_a_thread_that_has_ended_is_used_again()
    {
        var local = new NumberedLocal<Named>(static number => new Named(number));
        int largest = 0;
        for (int i = 0; i < 50; i++)
        {
            Execution.Run(() => largest = Math.Max(largest, local.Value.Number));
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(largest, 0, 40);
    }

    private sealed record Named(int Number);
}
