using RcuModel.Torture.Rcu;

namespace RcuModel.Torture.Tests;

/// <summary>Runs that are short if nothing goes wrong, and patient on a machine that has no time.</summary>
internal static class Torturer
{
    /// <summary>What must be caught may take as long as this: it ends at the first error.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static (TortureResult Result, string Output) Catch(string type, RcuTortureOptions? options = null) =>
        Run(type, s_patience, options);

    public static (TortureResult Result, string Output) Survive(string type, RcuTortureOptions? options = null) =>
        Run(type, TimeSpan.FromSeconds(0.5), options);

    private static (TortureResult Result, string Output) Run(string type, TimeSpan duration, RcuTortureOptions? options)
    {
        var output = new StringWriter();
        TortureResult result = TortureRunner.Run(
            new RcuTorture(RcuTortureTypes.All.Single(candidate => candidate.Name == type), options ?? new RcuTortureOptions()),
            new TortureOptions
            {
                Duration = duration,
                StatInterval = TimeSpan.Zero,
                Stutter = TimeSpan.FromSeconds(0.3),
                ShuffleInterval = TimeSpan.FromSeconds(0.1),
            },
            output);
        return (result, output.ToString());
    }
}
