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

    /// <summary>Says what is being done.</summary>
    public abstract void Doing(string what);

    /// <summary>Writes a line whose beginning is in the colour of an outcome.</summary>
    public abstract void Line(string beginning, Color color, string rest);

    /// <summary>Writes a line, or many.</summary>
    public void Line(string text) => Line("", Color.Default, text);
}
