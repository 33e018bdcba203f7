namespace RcuModel.Torture.Tests;

/// <summary>Runs that are short if nothing goes wrong, and patient on a machine that has no time.</summary>
internal static class Torturer
{
    /// <summary>What must be caught may take as long as this: it ends at the first error.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static (TortureResult Result, string Output) Catch(TortureTest test) => Run(test, s_patience, s_patience);

    public static (TortureResult Result, string Output) Survive(TortureTest test, double seconds = 0.5) =>
        Run(test, TimeSpan.FromSeconds(seconds), s_patience);

    /// <summary>Threads that do not end are waited for no longer than this.</summary>
    public static (TortureResult Result, string Output) Hang(TortureTest test) =>
        Run(test, TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.3));

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
