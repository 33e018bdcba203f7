using RcuModel.Contention;

namespace RcuModel.Cli.Reporting;

/// <summary>The document of <c>bench kernel --json</c>: each workload on the kernel, and the model's as <c>bench run</c> has them.</summary>
internal sealed record JsonBenchKernel(IReadOnlyList<KernelFigures> Kernel, BenchDocument Model);
