namespace RcuModel.Scripts;

/// <summary>
/// Writes random scripts in which things meet: few pages, ranges that begin and end where others do, moves back to where
/// something came from, many forks. The same seed gives the same script on every machine. Most operations succeed; some fail,
/// for errors are compared too.
/// </summary>
/// <remarks>
/// It leaves out what depends on more than the script: advice about huge pages and KSM, whose threads work when they like,
/// and protections that a CPU without protection keys cannot tell from others (executable and not readable).
/// </remarks>
/// <param name="options">What the scripts are like.</param>
public sealed class ScriptGenerator(ScriptGeneratorOptions options)
{
    /// <summary>The script of a seed.</summary>
    public MmScript Generate(ulong seed) => new ScriptDraft(options, new ScriptRandom(seed)).Write($"seed-{seed}");
}
