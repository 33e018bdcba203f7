using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace RcuModel.Bench;

/// <summary>How the classes of BenchmarkDotNet are run here.</summary>
internal static class Suite
{
    public static int Run(Type benchmarks, string[] options, params IColumn[] columns)
    {
        // In this process: it is built and configured as the benchmarks need it, the gate off, and BenchmarkDotNet would
        // have to restore and build a project of its own for another one.
        Job job = Job.Default
            .WithToolchain(InProcessEmitToolchain.DontLogOutput)
            .WithIterationTime(TimeInterval.FromMilliseconds(100))
            .WithWarmupCount(5)
            .WithIterationCount(15);
        IConfig config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumn([RankColumn.Arabic, .. columns])
            .WithSummaryStyle(SummaryStyle.Default.WithRatioStyle(RatioStyle.Value).WithTimeUnit(TimeUnit.Nanosecond))
            .WithOptions(ConfigOptions.DisableLogFile);
        IEnumerable<Summary> summaries =
            BenchmarkSwitcher.FromTypes([benchmarks]).Run(options.Length == 0 ? ["--filter", "*"] : options, config);
        bool failed = false, any = false;
        foreach (Summary summary in summaries)
        {
            any = true;
            failed |= summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success);
        }

        return any && !failed ? 0 : 1;
    }
}
