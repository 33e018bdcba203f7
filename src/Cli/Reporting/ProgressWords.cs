using System.Globalization;
using RcuModel.Exploration;

namespace RcuModel.Cli.Reporting;

/// <summary>How far an exploration is, in words.</summary>
internal static class ProgressWords
{
    /// <summary>Which part is done, 0 to 1; null if nobody knows.</summary>
    public static double? Part(ExplorationProgress progress) => progress.Total is { Executions: > 0 and < long.MaxValue } total
        ? Math.Clamp(progress.Executions / total.Executions, 0, 1)
        : null;

    /// <summary>
    /// Executions, executions a second, depth, and what is left: by the present estimate, and by the lowest and the highest of
    /// the last half of the time.
    /// </summary>
    public static string Of(ExplorationProgress progress)
    {
        double seconds = Math.Max(progress.Elapsed.TotalSeconds, 1e-3);
        double rate = progress.Executions / seconds;
        string sofar = string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.Executions:N0} executions, {rate:N0}/s, {progress.Deepest:N0} steps deep, {seconds:0} s");
        if (progress.Total is not { } total || Part(progress) is null)
            return sofar;
        string left = $"{sofar}; about {Count(total.Executions - progress.Executions)} left";
        return total.Low < total.High
            ? $"{left} ({Count(total.Low - progress.Executions)} to {Count(total.High - progress.Executions)}), {Time((total.Executions - progress.Executions) / rate)}"
            : $"{left}, {Time((total.Executions - progress.Executions) / rate)}";
    }

    // Two digits of an estimate mean something.
    private static string Count(double executions)
    {
        if (executions < 1)
            return "0";
        double unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(executions)) - 1));
        double rounded = Math.Round(executions / unit) * unit;
        return rounded < 1e15
            ? rounded.ToString("N0", CultureInfo.InvariantCulture)
            : rounded.ToString("0e0", CultureInfo.InvariantCulture);
    }

    private static string Time(double seconds) => seconds switch
    {
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, seconds):0} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
        < 31_536_000 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0} days"),
        _ => "years",
    };
}
