namespace RcuModel.Scripts;

/// <summary>
/// Gives everything its place: two columns of boxes that do not overlap, all edges in the space between them, forks in the
/// indentation of the processes, parents and roots in lanes to the right.
/// </summary>
internal sealed class SceneLayout
{
    /// <summary>Pixels that a character takes at most, in the fonts that the picture asks for.</summary>
    public const double CharacterWidth = 7.4;

    /// <summary>The same for the title.</summary>
    public const double TitleCharacterWidth = 10.5;

    /// <summary>Pixels from one line of text to the next.</summary>
    public const int LineHeight = 15;

    /// <summary>Pixels between text and the border of its box.</summary>
    public const int Padding = 8;

    /// <summary>Where text begins below the upper border of its box.</summary>
    public const int Baseline = 17;

    private const int Margin = 24;
    private const int HeaderHeight = 42;
    private const int TitleHeight = 26;
    private const int Indent = 26;
    private const int Gap = 8;
    private const int BoxGap = 18;
    private const int FoliosInRow = 6;
    private const int LaneWidth = 12;

    // How far the boxes of the shorter column may be pulled apart for the sake of less steep edges.
    private const int SlackMax = 60;

    public SceneLayout(Scene scene, string title)
    {
        int processesRight = Margin + ProcessWidth(scene) + (Indent * scene.Processes.Select(static box => box.Depth).DefaultIfEmpty().Max());
        int anonsLeft = processesRight + Math.Clamp(100 + (4 * scene.Edges.Count), 180, 460);
        int folioWidth = TextWidth(scene.Anons.SelectMany(static anon => anon.Strips)
            .SelectMany(static strip => strip.Folios).SelectMany(static folio => folio.Lines));
        int anonWidth = Math.Max(
            (FoliosInRow * (folioWidth + Gap)) + (3 * Gap), TextWidth(scene.Anons.SelectMany(static anon => new[] { anon.Title, anon.Explanation })));
        anonWidth = Math.Max(anonWidth, StripWidth(scene));
        Lanes = LanesOf(scene);
        int lanes = Lanes.Select(static lane => lane.Number + 1).DefaultIfEmpty().Max();

        int textRight = Margin + (int)Math.Ceiling(title.Length * TitleCharacterWidth);
        Width = Math.Max(anonsLeft + anonWidth + (LaneWidth * (lanes + 2)), textRight) + Margin;
        Legend = new Legend(Margin, Margin + TitleHeight, Width - (2 * Margin));
        int top = Legend.Bottom + BoxGap;

        int processesHeight = PlaceProcesses(scene, top, processesRight, 0);
        int anonsHeight = PlaceAnons(scene, top, anonsLeft, anonWidth, folioWidth, 0);
        if (processesHeight < anonsHeight)
            PlaceProcesses(scene, top, processesRight, Slack(anonsHeight - processesHeight, scene.Processes.Count));
        else
            PlaceAnons(scene, top, anonsLeft, anonWidth, folioWidth, Slack(processesHeight - anonsHeight, scene.Anons.Count));

        Height = top + Math.Max(processesHeight, anonsHeight) + Margin;
        foreach (Lane lane in Lanes)
            lane.X = anonsLeft + anonWidth + (LaneWidth * (lane.Number + 2));
        PlaceEdges(scene);
    }

    public int Width { get; }

    public int Height { get; }

    public Legend Legend { get; }

    public List<Lane> Lanes { get; }

    /// <summary>Where the title stands.</summary>
    public static (int X, int Y) Title => (Margin, Margin + 6);

    /// <summary>Pixels that the widest of the lines takes with padding on both sides.</summary>
    public static int TextWidth(IEnumerable<string> lines) =>
        (int)Math.Ceiling(lines.Select(static line => line.Length).DefaultIfEmpty().Max() * CharacterWidth) + (2 * Padding);

    private static int Slack(int space, int boxes) => boxes < 2 ? 0 : Math.Min(SlackMax, space / (boxes - 1));

    private static int ProcessWidth(Scene scene) => Math.Max(
        120, TextWidth(scene.Processes.SelectMany(static process => process.Vmas).SelectMany(static vma => vma.Lines)) + (2 * Gap));

    private static int StripWidth(Scene scene) =>
        TextWidth(scene.Anons.SelectMany(static anon => anon.Strips).SelectMany(static strip => strip.Lines)) + (2 * Gap);

    private static int PlaceProcesses(Scene scene, int top, int right, int slack)
    {
        int y = top;
        foreach (ProcessBox process in scene.Processes)
        {
            int x = Margin + (Indent * process.Depth);
            int inner = y + TitleHeight;
            foreach (VmaBox vma in process.Vmas)
            {
                int height = (LineHeight * vma.Lines.Count) + Gap;
                vma.Port.Area = new Area(x + Gap, inner, right - x - (2 * Gap), height);
                inner += height + Gap;
            }

            process.Area = new Area(x, y, right - x, inner - y);
            y = inner + BoxGap + slack;
        }

        return y - slack - BoxGap - top;
    }

    private static int PlaceAnons(Scene scene, int top, int left, int width, int folioWidth, int slack)
    {
        int y = top;
        foreach (AnonBox anon in scene.Anons)
        {
            anon.Header.Area = new Area(left, y, width, HeaderHeight);
            int inner = y + HeaderHeight;
            foreach (Strip strip in anon.Strips)
            {
                int height = PlaceFolios(strip, left + Gap, inner, folioWidth);
                strip.Port.Area = new Area(left + Gap, inner, width - (2 * Gap), height);
                inner += height + Gap;
            }

            anon.Area = new Area(left, y, width, inner - y);
            y = inner + BoxGap + slack;
        }

        return y - slack - BoxGap - top;
    }

    private static int PlaceFolios(Strip strip, int left, int top, int width)
    {
        const int FolioHeight = (3 * LineHeight) + 6;
        for (int i = 0; i < strip.Folios.Count; i++)
        {
            (int row, int column) = Math.DivRem(i, FoliosInRow);
            strip.Folios[i].Area = new Area(
                left + (Gap / 2) + (column * (width + Gap)), top + (Gap / 2) + (row * (FolioHeight + (Gap / 2))), width, FolioHeight);
        }

        int rows = (strip.Folios.Count + FoliosInRow - 1) / FoliosInRow;
        strip.Caption = new Area(left, top + (rows * (FolioHeight + (Gap / 2))), 0, (strip.Lines.Count * LineHeight) + Gap);
        return strip.Caption.Bottom - top;
    }

    /// <summary>Edges leave and reach a side in the order of their other ends, so that fewer of them cross.</summary>
    private static void PlaceEdges(Scene scene)
    {
        foreach (VmaBox vma in scene.Processes.SelectMany(static process => process.Vmas))
            Spread(vma.Port, static edge => edge.To.Area.Middle, static (edge, y) => edge.FromY = y);
        foreach (AnonBox anon in scene.Anons)
        {
            foreach (Port port in anon.Strips.Select(static strip => strip.Port).Prepend(anon.Header))
                Spread(port, static edge => edge.From.Area.Middle, static (edge, y) => edge.ToY = y);
        }
    }

    private static void Spread(Port port, Func<Edge, int> other, Action<Edge, int> place)
    {
        int number = 0;
        foreach (Edge edge in port.Edges.OrderBy(other))
            place(edge, port.Area.Y + (port.Area.Height * ++number / (port.Edges.Count + 1)));
    }

    /// <summary>A lane for each anon_vma that is a parent and each that is a root; lanes share a place if they do not meet.</summary>
    private static List<Lane> LanesOf(Scene scene)
    {
        var lanes = new List<Lane>();
        foreach (AnonBox anon in scene.Anons)
        {
            Add(anon, isRoot: false, [.. scene.Anons.Where(child => child.Parent == anon)]);
            Add(anon, isRoot: true, [.. scene.Anons.Where(member => member.Root == anon)]);
        }

        return lanes;

        void Add(AnonBox target, bool isRoot, List<AnonBox> sources)
        {
            if (sources.Count == 0)
                return;
            var places = sources.Append(target).Select(anon => scene.Anons.IndexOf(anon)).ToList();
            var lane = new Lane(target, isRoot, sources, places.Min(), places.Max());
            while (lanes.Exists(other => other.Number == lane.Number && other.First <= lane.Last && lane.First <= other.Last))
                lane.Number++;
            lanes.Add(lane);
        }
    }
}
