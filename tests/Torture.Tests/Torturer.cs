namespace RcuModel.Torture.Tests;

/// <summary>Runs that are short if nothing goes wrong, and patient on a machine that has no time.</summary>
internal static class Torturer
{
    /// <summary>What must be caught may take as long as this: it ends at the first error.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private const int TriesMax = 40;

    public static (TortureResult Result, string Output) Catch(TortureTest test) => Run(test, s_patience, s_patience);

    public static (TortureResult Result, string Output) Survive(TortureTest test, double seconds = 0.5) =>
        Run(test, TimeSpan.FromSeconds(seconds), s_patience);

    /// <summary>The same, again and again until what was to be done has been done: a machine without time does little at once.</summary>
    public static (TortureResult Result, string Output) SurviveAndDo(Func<TortureTest> test, params ReadOnlySpan<string> counters)
    {
        (TortureResult Result, string Output) run;
        int tries = 0;
        do
            run = Survive(test());
        while (run.Result.Outcome == TortureOutcome.Success && ++tries < TriesMax && !HasDone(run.Result, counters));
        return run;
    }

    /// <summary>Threads that do not end are waited for no longer than this; again until some do not.</summary>
    public static (TortureResult Result, string Output) Hang(Func<TortureTest> test)
    {
        (TortureResult Result, string Output) run;
        int tries = 0;
        do
            run = Run(test(), TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.3));
        while (run.Result.Outcome == TortureOutcome.Success && ++tries < TriesMax);
        return run;
    }

    private static bool HasDone(TortureResult result, ReadOnlySpan<string> counters)
    {
        Dictionary<string, long> done = new(result.Figures.Counters, StringComparer.Ordinal);
        foreach (string counter in counters)
        {
            if (done[counter] == 0)
                return false;
        }

        return true;
    }

    private static (TortureResult Result, string Output) Run(TortureTest test, TimeSpan duration, TimeSpan patience)
    {
        var output = new StringWriter();
        TortureResult result = TortureRunner.Run(
            test,
            new TortureOptions
            {
                Duration = duration,
                StatInterval = TimeSpan.Zero,
                Stutter = TimeSpan.FromSeconds(0.3),
                ShuffleInterval = TimeSpan.FromSeconds(0.1),
                Patience = patience,
            },
            output);
        return (result, output.ToString());
    }
}
