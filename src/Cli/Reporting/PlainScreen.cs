using System.Diagnostics;
using Spectre.Console;

namespace RcuModel.Cli.Reporting;

/// <summary>A file or a pipe: lines, and on the other stream now and then a line for who watches that.</summary>
internal sealed class PlainScreen(TextWriter output, TextWriter error) : Screen
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private long _lastSaid = Stopwatch.GetTimestamp();

    public override void During(Action work) => work();

    public override void Doing(string what, double? part)
    {
        if (Stopwatch.GetElapsedTime(_lastSaid) < s_patience)
            return;
        _lastSaid = Stopwatch.GetTimestamp();
        error.WriteLine($"{Tool.Name}: {what}");
    }

    public override void Line(string beginning, Color color, string rest)
    {
        _lastSaid = Stopwatch.GetTimestamp();
        output.WriteLine(beginning + rest);
        output.Flush();
    }
}
