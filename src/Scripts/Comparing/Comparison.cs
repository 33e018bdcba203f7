namespace RcuModel.Scripts;

/// <summary>Runs a script on two sides, the kernel and a machine, and compares what they print line by line.</summary>
/// <param name="kernel">What the kernel prints for a script, such as <see cref="KernelOracle.Run"/>.</param>
/// <param name="machine">What the machine prints for it.</param>
public sealed class Comparison(Func<MmScript, string> kernel, Func<MmScript, string> machine)
{
    /// <summary>Compares a machine with the kernel.</summary>
    /// <param name="kernel">What the kernel prints for a script.</param>
    /// <param name="machine">Makes a machine that has executed nothing yet.</param>
    public Comparison(Func<MmScript, string> kernel, Func<IScriptMachine> machine)
        : this(kernel, script => TextOf(script, machine))
    {
    }

    /// <summary>
    /// How often the kernel is asked again before a difference counts. It splits and collapses huge pages as well as it can, and somebody who
    /// looks at a page at that moment keeps it from that: that is no answer to the script.
    /// </summary>
    public int Retries { get; init; }

    /// <summary>
    /// Whether only anonymous pages are compared: which are there, which are the same, how often each is mapped and whether it is one process's own.
    /// What the reverse map has, and which mappings merge by that, is the design's own affair.
    /// </summary>
    public bool PagesOnly { get; init; }

    /// <summary>How many scripts it had to be asked about again, and then did as the machine does.</summary>
    public int AskedAgain { get; private set; }

    /// <summary>Runs the script on both sides.</summary>
    /// <returns>How they differ; null if they do not.</returns>
    public Difference? Compare(MmScript script)
    {
        string wanted = View(kernel(script));
        string got = View(machine(script));
        for (int i = 0; i < Retries && wanted != got; i++)
        {
            wanted = View(kernel(script));
            if (wanted == got)
                AskedAgain++;
        }

        return wanted == got ? null : new Difference(script, Lines(wanted), Lines(got));
    }

    /// <summary>
    /// What a machine prints for a script. That it fails is a difference like any other, which can be minimised: it ends the
    /// text with a line that says how.
    /// </summary>
#pragma warning disable CA1031 // Whatever a machine throws is its own mistake, and what is wanted is the script that leads to it.
    public static string TextOf(MmScript script, Func<IScriptMachine> machine)
    {
        using var output = new StringWriter { NewLine = "\n" };
        try
        {
            using IScriptMachine made = machine();
            ScriptRunner.Run(script, made, output);

            // Only now: one that has failed need not be able to end in good order.
            (made as IDisposable)?.Dispose();
        }
        catch (Exception failure)
        {
            output.WriteLine($"failed: {failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")}");
        }

        return output.ToString();
    }
#pragma warning restore CA1031

    private string View(string text) => PagesOnly ? DumpText.PagesOf(text) : text;

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
