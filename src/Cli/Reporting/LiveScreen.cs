using Spectre.Console;

namespace RcuModel.Cli.Reporting;

/// <summary>A terminal: results scroll up, and the line below them says what is being done and how much of it.</summary>
internal sealed class LiveScreen : Screen
{
    // Wider than any line: a terminal breaks long lines better than a library that counts letters, and whoever selects
    // a counterexample with the mouse gets it in one piece.
    private const int NeverWrap = 10_000;

    private const int BarWidth = 20;

    // The bar, a spinner, and the gaps between them.
    private const int Beside = BarWidth + 8;

    private readonly IAnsiConsole _console;
    private readonly int _width;
    private ProgressTask? _task;

    public LiveScreen(IAnsiConsole console)
    {
        _console = console;
        _width = Math.Max(Beside + 20, console.Profile.Width);
        console.Profile.Width = NeverWrap;
    }

    public override void During(Action work) => _console.Progress()
        .AutoClear(true)
        .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = BarWidth }, new TaskDescriptionColumn { Alignment = Justify.Left })
        .Start(progress =>
        {
            _task = progress.AddTask("begins", autoStart: true, maxValue: 1);
            _task.IsIndeterminate = true;
            try
            {
                work();
            }
            finally
            {
                _task = null;
            }
        });

    public override void Doing(string what, double? part)
    {
        if (_task is not { } task)
            return;
        int room = _width - Beside;
        task.Description = Markup.Escape(what.Length > room ? what[..room] : what);
        task.IsIndeterminate = part is null;

        // A task that is at its end would go.
        task.Value = Math.Min(part ?? 0, 0.999);
    }

    public override void Line(string beginning, Color color, string rest)
    {
        var line = new Paragraph(beginning, new Style(color));
        line.Append(rest + Environment.NewLine);
        _console.Write(line);
    }
}
