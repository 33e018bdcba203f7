using System.Diagnostics;
using System.Globalization;

namespace RcuModel.Torture;

/// <summary>Runs a test for its time, and prints what the kernel's torture tests print.</summary>
/// <remarks>Kernel: torture_init_begin() to torture_cleanup_end().</remarks>
public static class TortureRunner
{
    /// <summary>Runs a test.</summary>
    /// <param name="test">The test; not run before.</param>
    /// <param name="options">How long, and so on.</param>
    /// <param name="output">Where lines go; they are written by the caller's thread only.</param>
    public static TortureResult Run(TortureTest test, TortureOptions options, TextWriter output)
    {
        KeyValuePair<string, string>[] parameters = [.. test.Parameters, .. Common(options)];
        string all = string.Join(' ', parameters.Select(static pair => $"{pair.Key}={pair.Value}"));
        output.WriteLine($"{test.Type}-torture:--- Start of test: {all}");
        output.Flush();

        // Threads that do not end go on using it, so it is disposed of only if all have ended.
        var session = new TortureSession(options);
        long begin = Stopwatch.GetTimestamp();
        test.Begin(session);
        int printed = Watch(test, session, options, output);
        session.Stop();
        bool ended = session.Join();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);
        if (ended)
            Finish(test, session);

        TortureFigures figures = test.Figures();
        PrintErrors(test, session, output, printed);
        Print(test, figures, output);
        IReadOnlyList<string> errors = session.Errors();
        TortureOutcome outcome = errors.Count > 0 ? TortureOutcome.Failure
            : options.Cancellation.IsCancellationRequested && elapsed < options.Duration ? TortureOutcome.Interrupted
            : TortureOutcome.Success;
        string word = outcome switch
        {
            TortureOutcome.Success => "SUCCESS",
            TortureOutcome.Failure => "FAILURE",
            _ => "INTERRUPTED",
        };
        output.WriteLine($"{test.Type}-torture:--- End of test: {word}: {all}");
        output.Flush();
        if (ended)
            session.Dispose();
        return new TortureResult(test.Type, outcome, elapsed, parameters, errors, figures);
    }

    // Until the time is up, somebody asks for the end, or an error ends it.
    private static int Watch(TortureTest test, TortureSession session, TortureOptions options, TextWriter output)
    {
        var shuffler = new Shuffler();
        var stutter = new Interval(options.Stutter);
        var shuffle = new Interval(options.ShuffleInterval);
        var statistics = new Interval(options.StatInterval);
        WaitHandle[] handles = [session.Noticed, options.Cancellation.WaitHandle];
        int printed = 0;
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            printed = PrintErrors(test, session, output, printed);
            TimeSpan now = Stopwatch.GetElapsedTime(begin);
            if (now >= options.Duration || options.Cancellation.IsCancellationRequested || (printed > 0 && !options.KeepGoing))
                return printed;
            if (stutter.IsDue(now))
            {
                if (session.MustPause)
                    session.Resume();
                else
                    session.Pause();
            }

            if (shuffle.IsDue(now))
                shuffler.Next(session);
            if (statistics.IsDue(now))
                Print(test, test.Figures(), output);
            TimeSpan next = Interval.First(
                options.Duration, stutter.Next, shuffle.Next, statistics.Next, now + TimeSpan.FromHours(1)) - now;
            WaitHandle.WaitAny(handles, next > TimeSpan.Zero ? next + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero);
        }
    }

    // What is left after the threads may wait for something that never comes, so it has a thread of its own.
    private static void Finish(TortureTest test, TortureSession session)
    {
        Thread last = session.Create("the end", _ => test.End(session));
        last.Start();
        if (!last.Join(session.Patience))
            session.Error("the end of the test waits for something that does not come");
    }

    private static int PrintErrors(TortureTest test, TortureSession session, TextWriter output, int printed)
    {
        IReadOnlyList<string> errors = session.Errors();
        for (; printed < errors.Count; printed++)
            output.WriteLine($"{test.Type}-torture: !!! {errors[printed]}");
        return printed;
    }

    private static void Print(TortureTest test, TortureFigures figures, TextWriter output)
    {
        foreach (string line in test.Describe(figures))
            output.WriteLine($"{test.Type}-torture: {line}");
        output.Flush();
    }

    private static IEnumerable<KeyValuePair<string, string>> Common(TortureOptions options) =>
    [
        new("stat_interval", Seconds(options.StatInterval)),
        new("stutter", Seconds(options.Stutter)),
        new("shuffle_interval", Seconds(options.ShuffleInterval)),
        new("duration", Seconds(options.Duration)),
        new("seed", options.Seed.ToString(CultureInfo.InvariantCulture)),
    ];

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>What is due again and again; never if the interval is zero.</summary>
    private sealed class Interval(TimeSpan length)
    {
        public TimeSpan Next { get; private set; } = length > TimeSpan.Zero ? length : TimeSpan.MaxValue;

        public static TimeSpan First(params ReadOnlySpan<TimeSpan> times)
        {
            TimeSpan first = TimeSpan.MaxValue;
            foreach (TimeSpan time in times)
                first = time < first ? time : first;
            return first;
        }

        // What the machine was too busy for is not made up for.
        public bool IsDue(TimeSpan now)
        {
            if (now < Next)
                return false;
            Next = now + length;
            return true;
        }
    }
}
