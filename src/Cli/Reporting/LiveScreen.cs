using Spectre.Console;

namespace RcuModel.Cli.Reporting;

/// <summary>A terminal: results scroll up, and the line below them says what is being done.</summary>
internal sealed class LiveScreen : Screen
{
    // Wider than any line: a terminal breaks long lines better than a library that counts letters, and whoever selects
    // a counterexample with the mouse gets it in one piece.
    private const int NeverWrap = 10_000;

    private readonly IAnsiConsole _console;
    private readonly int _width;
    private StatusContext? _status;

    public LiveScreen(IAnsiConsole console)
    {
        _console = console;
        _width = Math.Max(20, console.Profile.Width);
        console.Profile.Width = NeverWrap;
    }

    public override void During(Action work) => _console.Status().Start("begins", status =>
    {
        _status = status;
        try
        {
            work();
        }
        finally
        {
            _status = null;
        }
    });

    public override void Doing(string what)
    {
        string shown = what.Length > _width - 4 ? what[..(_width - 4)] : what;
        _status?.Status(Markup.Escape(shown));
    }

    public override void Line(string beginning, Color color, string rest)
    {
        var line = new Paragraph(beginning, new Style(color));
        line.Append(rest + Environment.NewLine);
        _console.Write(line);
    }
}
