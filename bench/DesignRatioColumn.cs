using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace RcuModel.Bench;

/// <summary>How the median of a design compares with that of today's design in the same benchmark.</summary>
internal sealed class DesignRatioColumn : IColumn
{
    public string Id => nameof(DesignRatioColumn);

    public string ColumnName => "to anon-vma";

    public string Legend => "Median, times that of anon-vma";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Baseline;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, SummaryStyle.Default);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        double? today = MedianOf(summary, summary.BenchmarksCases.FirstOrDefault(
            one => one.Descriptor.Equals(benchmarkCase.Descriptor) && DesignOf(one) == DesignBenchmarks.Designs.First()));
        return MedianOf(summary, benchmarkCase) / today is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "-";
    }

    private static string? DesignOf(BenchmarkCase one) => one.Parameters[nameof(DesignBenchmarks.Design)] as string;

    private static double? MedianOf(Summary summary, BenchmarkCase? one) => one is null ? null : summary[one]?.ResultStatistics?.Median;
}
