using RcuModel.Exploration;
using Spectre.Console;

namespace RcuModel.Cli.Reporting;

/// <summary>Where text goes: a terminal, where the last line shows what is being done, or anything else.</summary>
internal abstract class Screen
{
    /// <summary>The screen that suits the process.</summary>
    public static Screen Of(Surroundings surroundings, bool noColor)
    {
        if (!surroundings.IsTerminal)
            return new PlainScreen(surroundings.Out, surroundings.Error);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = noColor || surroundings.NoColor ? ColorSystemSupport.NoColors : ColorSystemSupport.Standard,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(surroundings.Out),
        });
        return new LiveScreen(console);
    }

    /// <summary>Runs something that may say what it is doing.</summary>
    public abstract void During(Action work);

    /// <summary>Says what is being done, and which part of it is done, 0 to 1, if that is known.</summary>
    public abstract void Doing(string what, double? part);

    /// <summary>Writes a line whose beginning is in the colour of an outcome.</summary>
    public abstract void Line(string beginning, Color color, string rest);

    /// <summary>Draws a counterexample; the rule and the line where it is violated stand out.</summary>
    /// <param name="violation">What was violated.</param>
    /// <param name="width">The width of the page; null for as wide as it is.</param>
    public void Report(Violation violation, int? width)
    {
        string report = width is { } page ? violation.Draw(page) : violation.Report;
        bool isRule = false;
        foreach (string line in report.TrimEnd('\n').Split('\n'))
        {
            // The rule may have been broken into lines, of which all but the first begin with blanks.
            isRule = line.StartsWith("violated:", StringComparison.Ordinal) || (isRule && line.StartsWith(' '));
            Line(line, isRule || line.StartsWith('>') ? Color.Red : Color.Default, "");
        }
    }

    /// <summary>Writes a line, or many.</summary>
    public void Line(string text) => Line("", Color.Default, text);
}
