using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using RcuModel.Exploration.Handoff;

namespace RcuModel.Bench;

/// <summary>
/// What it costs two threads on a CPU each to take turns, by how many cache lines the one writes that the other has written.
/// A host can run two virtual CPUs on one core or on two that are far apart, and change its mind: the lines then cost several
/// times as much, and with them every exploration whose threads have a CPU each.
/// </summary>
internal static class LineCosts
{
    private const int Turns = 20_000;
    private const int Repeats = 5;
    private const int WordsPerLine = 32;

    /// <summary>One line: what a turn costs now.</summary>
    public static void Print()
    {
        int[] allowed = Linux.AllowedCpus();
        if (allowed.Length < 2)
            return;
        double[] costs = [.. new[] { 0, 8, 32 }.Select(lines => Enumerable.Range(0, Repeats).Min(_ => Turn(lines, allowed)))];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"a turn between two CPUs that moves 1, 9, 33 cache lines: {costs[0]:F0}, {costs[1]:F0}, {costs[2]:F0} ns"));
        Console.WriteLine();
    }

    private static double Turn(int lines, int[] cpus)
    {
        int[] words = GC.AllocateArray<int>((lines + 2) * WordsPerLine, pinned: true);
        double cost = 0;
        var threads = new Thread[2];
        for (int t = 0; t < threads.Length; t++)
        {
            int me = t;
            threads[t] = new Thread(() =>
            {
                Linux.Pin(cpus[me]);
                long start = Stopwatch.GetTimestamp();
                TakeTurns(words, lines, me);
                if (me == 0)
                    cost = Stopwatch.GetElapsedTime(start).TotalNanoseconds / (2 * Turns);
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        return cost;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeTurns(int[] words, int lines, int me)
    {
        for (int turn = 0; turn < Turns; turn++)
        {
            // Acquire pairs with the release below.
            while (Volatile.Read(ref words[0]) != me)
                Thread.SpinWait(1);
            for (int line = 1; line <= lines; line++)
                words[line * WordsPerLine]++;
            Volatile.Write(ref words[0], 1 - me);
        }
    }
}
