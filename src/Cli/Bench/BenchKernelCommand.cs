using System.CommandLine;
using RcuModel.Cli.Reporting;
using RcuModel.Contention;

namespace RcuModel.Cli.Bench;

/// <summary><c>bench kernel</c>: the live kernel under the same workloads, beside the model. Its process measures locks always.</summary>
internal sealed class BenchKernelCommand
{
    private static readonly ContentionOptions s_usual = new();

    private readonly Option<string[]> _workloads = BenchOptions.Names(
        "--workload", $"A workload, or several with commas between them: {string.Join(", ", KernelRunner.Workloads)}. All of these unless given.");

    private readonly Option<TimeSpan?> _duration = Choices.Seconds(
        "--duration", $"How long each round of each design takes; the kernel has one as long as all. {s_usual.Duration.TotalSeconds} unless given.");

    private readonly Option<long?> _rounds = Choices.Number("--rounds", "N", 1, 1000, $"Rounds. {s_usual.Rounds} unless given.");

    private readonly Option<string?> _runner = new("--runner")
    {
        Description = "The runner that tools/contention/setup built, or its directory. Where that builds it unless given.",
        HelpName = "PATH",
    };

    private readonly Option<bool> _json = Choices.Json();

    private readonly BenchOptions _common = new();

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new BenchKernelCommand();
        var verb = new Command("kernel", "Has real processes do workloads on this machine's kernel, and shows where they waited, beside the model.");
        foreach (Option option in new Option[] { options._workloads, options._duration, options._rounds, options._runner, options._json }.Concat(options._common.All))
            verb.Options.Add(option);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        IReadOnlyList<Workload> workloads =
            BenchOptions.Named(line, _workloads, KernelRunner.Workloads, static workload => workload.Name) ?? KernelRunner.Workloads;
        IReadOnlyList<ContentionDesign> designs = _common.DesignsOf(line);
        ContentionOptions options = _common.Of(line, surroundings) with
        {
            Duration = line.GetValue(_duration) ?? s_usual.Duration,
            Rounds = (int)(line.GetValue(_rounds) ?? s_usual.Rounds),
        };
        if (options.Large > 0)
            throw new UsageException("--large: the kernel is measured with pages of one size");
        KernelRunner runner = KernelRunner.Open(line.GetValue(_runner), out string? whyNot) ?? throw new UsageException(whyNot!);
        var kernel = new List<KernelFigures>();
        var model = new List<WorkloadFigures>();
        foreach (Workload workload in workloads)
        {
            surroundings.Error.WriteLine($"{workload}, the kernel");
            kernel.Add(runner.Measure(workload, options, out whyNot) ?? throw new UsageException(whyNot!));
            model.AddRange(ContentionBench.Run([workload], designs, options, surroundings.Error.WriteLine));
            if (surroundings.Cancellation.IsCancellationRequested)
                return ExitCodes.Budget;
            if (!line.GetValue(_json))
                KernelTable.Write(kernel[^1], model[^1], surroundings.Out);
        }

        if (line.GetValue(_json))
            Json.Write(surroundings.Out, new JsonBenchKernel(kernel, BenchDocument.Of(model, options)));
        return model.Any(static result => result.Designs.Any(static design => design.Broken is not null)) ? ExitCodes.Violated : ExitCodes.Holds;
    }
}
