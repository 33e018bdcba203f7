using System.Globalization;

namespace RcuModel.Torture.Tests;

/// <summary>What the harness does with any test: it ends it, counts what may not happen, and says so.</summary>
public sealed class HarnessTests
{
    [Fact]
    public void What_runs_its_time_is_a_success_with_its_parameters_in_the_first_and_the_last_line()
    {
        (TortureResult result, string[] lines) = Run(static thread => Wait(thread));
        Assert.Equal(TortureOutcome.Success, result.Outcome);
        Assert.Equal(
            "probe-torture:--- Start of test: answer=42 stat_interval=0 stutter=0.02 shuffle_interval=0.02 duration=0.2 seed=1",
            lines[0]);
        Assert.Equal("probe-torture: said", lines[1]);
        Assert.Equal(lines[0].Replace("Start of test", "End of test: SUCCESS", StringComparison.Ordinal), lines[2]);
    }

    [Fact]
    public void An_error_ends_it_at_once_and_is_printed_once()
    {
        (TortureResult result, string[] lines) = Run(
            static (thread, session) =>
            {
                session.Error("the sky falls");
                session.Error("the sky falls");
                Wait(thread);
            },
            new TortureOptions { Duration = TimeSpan.FromMinutes(10) });
        Assert.Equal(TortureOutcome.Failure, result.Outcome);
        Assert.Single(lines, "probe-torture: !!! the sky falls");
        Assert.StartsWith("probe-torture:--- End of test: FAILURE: ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void With_KeepGoing_it_goes_on()
    {
        var time = TimeSpan.FromSeconds(0.3);
        (TortureResult result, _) = Run(
            static (thread, session) =>
            {
                session.Error("the sky falls");
                Wait(thread);
            },
            new TortureOptions { Duration = time, KeepGoing = true });
        Assert.Equal(TortureOutcome.Failure, result.Outcome);
        Assert.True(result.Elapsed >= time);
    }

    [Fact]
    public void An_exception_in_a_thread_is_an_error()
    {
        (TortureResult result, _) = Run(static _ => throw new NotSupportedException("no"));
        Assert.Equal(["thread died: no"], result.Errors);
    }

    [Fact]
    public void A_thread_that_does_not_end_is_an_error()
    {
        using var release = new ManualResetEventSlim();
        (TortureResult result, _) = Run(
            (_, _) => release.Wait(),
            new TortureOptions { Duration = TimeSpan.FromSeconds(0.05), Patience = TimeSpan.FromSeconds(0.2) });
        release.Set();
        Assert.Equal(TortureOutcome.Failure, result.Outcome);
        Assert.Equal(["thread does not end"], result.Errors);
    }

    [Fact]
    public void A_request_to_stop_is_neither_success_nor_failure()
    {
        using var stop = new CancellationTokenSource();
        (TortureResult result, string[] lines) = Run(
            (thread, _) =>
            {
                stop.Cancel();
                Wait(thread);
            },
            new TortureOptions { Duration = TimeSpan.FromMinutes(10), Cancellation = stop.Token });
        Assert.Equal(TortureOutcome.Interrupted, result.Outcome);
        Assert.Contains("End of test: INTERRUPTED: ", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_a_thread_the_same_numbers_and_another_thread_others()
    {
        static string Numbers(ulong seed, int thread)
        {
            var random = new TortureRandom(seed, thread);
            return string.Join(' ', Enumerable.Range(0, 20).Select(_ => random.Below(100).ToString(CultureInfo.InvariantCulture)));
        }

        Assert.Equal(Numbers(1, 1), Numbers(1, 1));
        Assert.NotEqual(Numbers(1, 1), Numbers(1, 2));
        Assert.NotEqual(Numbers(1, 1), Numbers(2, 1));
    }

    private static void Wait(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            thread.Stutter();
            thread.Sleep(TimeSpan.FromMilliseconds(5));
        }
    }

    private static (TortureResult Result, string[] Lines) Run(Action<TortureThread> body) =>
        Run((thread, _) => body(thread), new TortureOptions { Duration = TimeSpan.FromSeconds(0.2) });

    private static (TortureResult Result, string[] Lines) Run(
        Action<TortureThread, TortureSession> body, TortureOptions options)
    {
        var output = new StringWriter();
        TortureResult result = TortureRunner.Run(
            new Probe(body),
            options with
            {
                StatInterval = TimeSpan.Zero,
                Stutter = TimeSpan.FromSeconds(0.02),
                ShuffleInterval = TimeSpan.FromSeconds(0.02),
            },
            output);
        return (result, output.ToString().TrimEnd().Split(Environment.NewLine));
    }

    private sealed class Probe(Action<TortureThread, TortureSession> body) : TortureTest
    {
        public override string Type => "probe";

        public override IReadOnlyList<KeyValuePair<string, string>> Parameters => [new("answer", "42")];

        public override void Begin(TortureSession session) => session.Start("thread", thread => body(thread, session));

        public override void End(TortureSession session)
        {
        }

        public override TortureFigures Figures() => new([], []);

        public override IEnumerable<string> Describe(TortureFigures figures) => ["said"];
    }
}
