using System.Globalization;

namespace RcuModel.Exploration;

/// <summary>How much there is to read in an execution.</summary>
/// <param name="Threads">Threads that take a step.</param>
/// <param name="Switches">How often a step is another thread's than the step before it.</param>
/// <param name="Steps">Steps.</param>
public readonly record struct ExecutionSize(int Threads, int Switches, int Steps)
{
    /// <summary>In words.</summary>
    public override string ToString() =>
        $"{Counted(Threads, "thread", "threads")}, {Counted(Switches, "switch", "switches")}, {Counted(Steps, "step", "steps")}";

    internal static ExecutionSize Of(IEnumerable<int> threads)
    {
        var seen = new HashSet<int>();
        int steps = 0;
        int switches = 0;
        int last = -1;
        foreach (int thread in threads)
        {
            seen.Add(thread);
            switches += steps++ > 0 && thread != last ? 1 : 0;
            last = thread;
        }

        return new ExecutionSize(seen.Count, switches, steps);
    }

    private static string Counted(int number, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : many)}");
}
