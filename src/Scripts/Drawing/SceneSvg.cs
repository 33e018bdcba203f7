using System.Security;
using System.Text;

namespace RcuModel.Scripts;

/// <summary>Writes a scene that has its places as SVG. Each object is one group with its name as id.</summary>
internal sealed class SceneSvg
{
    private const string Style = """
          text { font-family: 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace; font-size: 12px; fill: #1c2430; }
          .title { font-size: 17px; font-weight: bold; }
          .name { font-weight: bold; }
          .process { fill: #eef1f5; stroke: #5b6675; }
          .vma { fill: #d5e6fb; stroke: #3a73b8; }
          .vma.lost { fill: #fbd9d5; stroke: #c0392b; }
          .anon { fill: #fdeed6; stroke: #c77d11; }
          .anon.unreached { fill: #ffffff; stroke-dasharray: 5 3; }
          .strip { fill: #ffffff; stroke: #c9cfd6; }
          .folio { fill: #e3f4e1; stroke: #3f8f46; }
          .folio.exclusive { fill: #9fd8a0; stroke: #1f6b2a; stroke-width: 2; }
          .line { fill: none; }
          .fork { stroke: #5b6675; stroke-width: 1.6; }
          .fork.distant { stroke-dasharray: 4 3; }
          .edge.own { stroke: #c77d11; stroke-width: 2.4; }
          .edge.chain { stroke: #c77d11; stroke-width: 1; stroke-dasharray: 5 3; }
          .edge.maps { stroke: #3f8f46; stroke-width: 1.2; }
          .lane.parent { stroke: #8a4b08; stroke-width: 1.4; }
          .lane.root { stroke: #7a4fa3; stroke-width: 1.2; stroke-dasharray: 2 3; }

        """;

    private readonly StringBuilder _text = new();

    private SceneSvg()
    {
    }

    public static string Write(Scene scene, SceneLayout layout, string title)
    {
        var svg = new SceneSvg();
        svg.Begin(layout, title);
        svg.Explain(layout.Legend);
        foreach (ProcessBox process in scene.Processes)
            svg.Draw(process);
        foreach (AnonBox anon in scene.Anons)
            svg.Draw(anon);

        // Lines last: the ends of edges lie on the padding of boxes.
        foreach (ProcessBox process in scene.Processes)
            svg.DrawFork(process);
        foreach (Edge edge in scene.Edges.OrderByDescending(static edge => edge.Kind))
            svg.Draw(edge);
        foreach (Lane lane in layout.Lanes)
            svg.Draw(lane);
        svg._text.Append("</svg>\n");
        return svg._text.ToString();
    }

    private void Begin(SceneLayout layout, string title)
    {
        _text.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{layout.Width}\" height=\"{layout.Height}\" ");
        _text.Append($"viewBox=\"0 0 {layout.Width} {layout.Height}\">\n");
        _text.Append($"<title>{SecurityElement.Escape(title)}</title>\n<style>\n{Style}</style>\n<defs>\n");
        foreach ((string name, string color) in new[] { ("fork", "#5b6675"), ("parent", "#8a4b08"), ("root", "#7a4fa3") })
        {
            _text.Append($"  <marker id=\"to-{name}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" ");
            _text.Append($"markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"{color}\"/></marker>\n");
        }

        _text.Append("</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        Text("title", SceneLayout.Title.X, SceneLayout.Title.Y, title);
    }

    private void Explain(Legend legend)
    {
        foreach (Legend.Entry entry in legend.Entries)
        {
            (int x, int y) = (entry.Area.X, entry.Area.Y);
            if (entry.IsLine)
                Line(entry.Kind, null, $"M{x} {y + 12} H{x + Legend.SampleWidth}");
            else
                Box(entry.Kind, new Area(x, y + 5, Legend.SampleWidth, 14));
            Text(null, x + Legend.SampleWidth + SceneLayout.Padding, y + 16, entry.Words);
        }
    }

    private void Draw(ProcessBox process)
    {
        Open("process", process.Process.Name, process.Area);
        Text("name", process.Area.X + SceneLayout.Padding, process.Area.Y + SceneLayout.Baseline, $"process {process.Process.Name}");
        foreach (VmaBox vma in process.Vmas)
        {
            Open(vma.Vma is null ? "vma lost" : "vma", $"vma-{vma.Name}", vma.Port.Area);
            Paragraph(vma.Port.Area, vma.Lines);
            Close();
        }

        Close();
    }

    private void Draw(AnonBox anon)
    {
        Open(anon.Header.Edges.Count == 0 ? "anon unreached" : "anon", anon.Name, anon.Area);
        Paragraph(anon.Area, [anon.Title, anon.Explanation]);
        foreach (Strip strip in anon.Strips)
        {
            Box("strip", strip.Port.Area);
            foreach (FolioBox folio in strip.Folios)
            {
                Open(folio.Frame.IsExclusive ? "folio exclusive" : "folio", $"folio-{folio.Name}", folio.Area);
                Paragraph(folio.Area, folio.Lines);
                Close();
            }

            Paragraph(strip.Caption, strip.Lines, style: null);
        }

        Close();
    }

    private void DrawFork(ProcessBox child)
    {
        if (child.Parent is not { } parent)
            return;
        int x = parent.Area.X + 12;
        int y = child.Area.Y + 12;
        Line(child.IsParentDistant ? "fork distant" : "fork", "fork", $"M{x} {parent.Area.Bottom} V{y} H{child.Area.X}");
    }

    private void Draw(Edge edge)
    {
        string kind = edge.Kind switch
        {
            EdgeKind.Anon => "own",
            EdgeKind.Chain => "chain",
            _ => "maps",
        };
        (int fromX, int toX) = (edge.From.Area.Right, edge.To.Area.X);
        int bend = (toX - fromX) / 2;
        Line($"edge {kind}", null, $"M{fromX} {edge.FromY} C{fromX + bend} {edge.FromY} {toX - bend} {edge.ToY} {toX} {edge.ToY}");
    }

    private void Draw(Lane lane)
    {
        string kind = lane.IsRoot ? "root" : "parent";
        foreach (AnonBox source in lane.Sources)
        {
            int y = lane.SourceY(source);
            Line($"lane {kind}", kind, $"M{source.Area.Right} {y} H{lane.X} V{lane.TargetY} H{lane.Target.Area.Right}");
        }
    }

    private void Open(string kind, string id, Area area)
    {
        _text.Append($"<g id=\"{SecurityElement.Escape(id)}\">");
        Box(kind, area);
    }

    private void Close() => _text.Append("</g>\n");

    private void Box(string kind, Area area) => _text.Append(
        $"<rect class=\"{kind}\" x=\"{area.X}\" y=\"{area.Y}\" width=\"{area.Width}\" height=\"{area.Height}\" rx=\"3\"/>\n");

    private void Line(string kind, string? arrow, string path)
    {
        string marker = arrow is null ? "" : $" marker-end=\"url(#to-{arrow})\"";
        _text.Append($"<path class=\"line {kind}\" d=\"{path}\"{marker}/>\n");
    }

    private void Paragraph(Area area, IReadOnlyList<string> lines, string? style = "name")
    {
        for (int i = 0; i < lines.Count; i++)
        {
            int y = area.Y + SceneLayout.Baseline + (i * SceneLayout.LineHeight) - 2;
            Text(i == 0 ? style : null, area.X + SceneLayout.Padding, y, lines[i]);
        }
    }

    private void Text(string? kind, int x, int y, string words)
    {
        string style = kind is null ? "" : $" class=\"{kind}\"";
        _text.Append($"<text{style} x=\"{x}\" y=\"{y}\" xml:space=\"preserve\">{SecurityElement.Escape(words)}</text>\n");
    }
}
