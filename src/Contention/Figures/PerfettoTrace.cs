using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>
/// What threads did when, as a trace that Perfetto and chrome://tracing open: each design of each workload is a process, each of its threads
/// a track with operations and the locks within them as slices.
/// </summary>
/// <remarks>
/// Slices of a track must lie within each other, and locks need not be given back in the opposite order: one that reaches beyond what
/// it began in is on a track of its own beside the thread's. JSON trace-event format, complete events.
/// </remarks>
public static class PerfettoTrace
{
    // Tracks of one thread: its own, and those for locks that overlap.
    private const int TracksPerThread = 64;

    /// <summary>Writes it.</summary>
    /// <param name="results">What was measured, with slices kept.</param>
    /// <param name="output">Where to.</param>
    /// <returns>How many buffers there were, and how many of them were full, so that the end of their round is not in the trace.</returns>
    public static (int Buffers, int Full) Write(IReadOnlyList<WorkloadFigures> results, Stream output)
    {
        ArgumentNullException.ThrowIfNull(results);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartArray("traceEvents");
        int process = 0, buffers = 0, full = 0;
        foreach (WorkloadFigures result in results)
        {
            foreach (DesignFigures design in result.Designs)
            {
                IReadOnlyList<ThreadSlices> threads = design.Rounds.Count > 0 ? design.Rounds[^1].Slices : [];
                if (threads.Count == 0)
                    continue;
                process++;
                Name(json, "process_name", process, 0, $"{result.Workload.Name}: {design.Design.Name}");
                long begin = threads.Min(static thread => thread.Operations.All is [var first, ..] ? first.Begin : long.MaxValue);
                for (int i = 0; i < threads.Count; i++)
                {
                    Write(json, process, i, threads[i], begin);
                    buffers += 2;
                    full += (threads[i].Operations.Lost > 0 ? 1 : 0) + (threads[i].Locks.Lost > 0 ? 1 : 0);
                }
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return (buffers, full);
    }

    private static void Write(Utf8JsonWriter json, int process, int thread, ThreadSlices of, long origin)
    {
        var slices = new List<Slice>();
        foreach (ThreadSlices.OperationSlice one in of.Operations.All)
            slices.Add(new Slice(ContentionTable.NameOf(one.Kind), "operation", one.Begin, one.End));
        foreach (LockSlice one in of.Locks.All)
        {
            string name = $"{one.Name} ({(one.IsRead ? "read" : "write")})";
            if (one.WaitsSince != 0)
                slices.Add(new Slice($"wait for {name}", "wait", one.WaitsSince, one.HeldSince));
            slices.Add(new Slice(name, "lock", one.HeldSince, one.End));
        }

        // For each track the ends of the slices that the next one may lie within.
        var tracks = new List<Stack<long>>();
        foreach (Slice slice in slices.OrderBy(static slice => slice.Begin).ThenByDescending(static slice => slice.End))
        {
            int track = 0;
            while (track < tracks.Count && !Fits(tracks[track], slice))
                track++;
            if (track == TracksPerThread)
                continue;
            if (track == tracks.Count)
                tracks.Add(new Stack<long>());
            tracks[track].Push(slice.End);
            json.WriteStartObject();
            json.WriteString("name", slice.Name);
            json.WriteString("cat", slice.Category);
            json.WriteString("ph", "X");
            Place(json, process, (thread * TracksPerThread) + track + 1);
            json.WriteNumber("ts", Microseconds(slice.Begin - origin));
            json.WriteNumber("dur", Microseconds(slice.End - slice.Begin));
            json.WriteEndObject();
        }

        for (int track = 0; track < tracks.Count; track++)
        {
            Name(
                json, "thread_name", process, (thread * TracksPerThread) + track + 1,
                $"thread {Text(thread)}{(track == 0 ? "" : $", locks that overlap ({Text(track)})")}");
        }

        Full(json, process, thread, "operations", of.Operations.Lost, of.Operations.All is [.., var operation] ? operation.End - origin : 0);
        Full(json, process, thread, "locks", of.Locks.Lost, of.Locks.All is [.., var use] ? use.End - origin : 0);
    }

    private static bool Fits(Stack<long> ends, in Slice slice)
    {
        while (ends.TryPeek(out long end) && end <= slice.Begin)
            ends.Pop();
        return !ends.TryPeek(out long outer) || outer >= slice.End;
    }

    private static void Full(Utf8JsonWriter json, int process, int thread, string what, long lost, long at)
    {
        if (lost == 0)
            return;
        json.WriteStartObject();
        json.WriteString("name", string.Create(CultureInfo.InvariantCulture, $"no room for {lost} more {what}"));
        json.WriteString("ph", "i");
        json.WriteString("s", "t");
        Place(json, process, (thread * TracksPerThread) + 1);
        json.WriteNumber("ts", Microseconds(at));
        json.WriteEndObject();
    }

    private static void Name(Utf8JsonWriter json, string what, int process, int track, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        Place(json, process, track);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Place(Utf8JsonWriter json, int process, int track)
    {
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", track);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;

    private readonly record struct Slice(string Name, string Category, long Begin, long End);
}
