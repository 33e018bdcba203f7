using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RcuModel.Scripts.Tests;

/// <summary>The picture: everything is in it once, and nothing lies on anything else.</summary>
public sealed partial class MmDrawingTests
{
    private static readonly Dictionary<string, string> s_parents = new(StringComparer.Ordinal)
    {
        ["p1"] = "p0",
        ["p2"] = "p0",
        ["p3"] = "p1",
        ["p4"] = "p3",
        ["p5"] = "p2",
        ["p6"] = "p4",
    };

    public static TheoryData<string> All => [.. KernelDumps.All.Select(static (object[] row) => (string)row[0]), .. Enumerable.Range(1, 30).Select(Chance), Broken, Long(), ""];

    // A page outside of all VMAs, an anon_vma that is its own grandparent, and folios of no anon_vma.
    private const string Broken = """
        mm p0
          vma 16-20 r-x pgoff 16 anon a0 chain a0 a1
        anon a0 root a2 parent a1 children 0 vmas 1
        anon a1 root a1 parent a0 children 0 vmas 1
        anon a2 unreached
        page p0:16 frame p0:16 mapcount 2 anon ksm
        page p0:17 frame p0:17 mapcount 1 anon unreached index 17 exclusive
        page p0:90 frame p0:90 mapcount 1 anon a2 index 17 exclusive
        page p0:91 swapped

        """;

    [Theory]
    [MemberData(nameof(All))]
    public void Every_object_is_there_once(string text)
    {
        MmDump dump = MmDump.Parse(text);
        string[] expected =
        [
            .. dump.Processes.Select(static process => process.Name),
            .. dump.Processes.SelectMany(static process => process.Vmas.Select(vma => $"vma-{process.Name}:{vma.Start}-{vma.End}")),
            .. dump.Anons.Select(static (_, i) => $"a{i}"),
            .. dump.Pages.Where(static page => page.Frame is not null)
                .Select(static page => $"folio-{page.Frame!.Owner}:{page.Frame.OwnerPage}").Distinct(),
        ];
        string[] drawn = [.. Draw(dump).Descendants(Svg("g")).Select(static group => (string)group.Attribute("id")!)];
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            drawn.Except(["ksm", "unreached", "vma-p0:lost"], StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(drawn.Length, drawn.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_relation_is_a_line(string text)
    {
        MmDump dump = MmDump.Parse(text);
        XElement drawing = Draw(dump);
        DumpedVma[] vmas = [.. dump.Processes.SelectMany(static process => process.Vmas)];

        // One line for each in the legend.
        Assert.Equal(1 + vmas.Count(static vma => vma.Anon is not null), Lines(drawing, "edge own").Count());
        Assert.Equal(
            1 + vmas.Sum(static vma => vma.Chain.Count(link => link != vma.Anon)), Lines(drawing, "edge chain").Count());
        Assert.Equal(
            1 + dump.Anons.Where(static (anon, i) => anon.IsReached && anon.Parent != i).Count(),
            Lines(drawing, "lane parent").Count());
        Assert.Equal(
            1 + dump.Anons.Where(static (anon, i) => anon.IsReached && anon.Root != i).Count(), Lines(drawing, "lane root").Count());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void No_boxes_overlap_and_text_stays_in_its_box(string text)
    {
        XElement drawing = Draw(MmDump.Parse(text));
        var picture = new Box(0, 0, Number(drawing, "width"), Number(drawing, "height"));
        CheckInside(drawing, picture);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void No_texts_overlap_and_no_line_crosses_one(string text)
    {
        XElement drawing = Draw(MmDump.Parse(text));
        Box[] texts = [.. drawing.Descendants(Svg("text")).Select(BoxOfText)];
        for (int i = 0; i < texts.Length; i++)
            Assert.DoesNotContain(texts[(i + 1)..], other => other.Meets(texts[i]));
        foreach (XElement line in Lines(drawing, "line"))
        {
            Box[] strokes = [.. Strokes((string)line.Attribute("d")!)];
            Assert.DoesNotContain(texts, words => strokes.Any(stroke => stroke.Meets(words)));
        }
    }

    [Fact]
    public void Forks_are_drawn_if_they_are_known_across_those_that_exited()
    {
        MmDump dump = MmDump.Parse(KernelDumps.Large);
        XElement drawing = Draw(dump);
        Assert.Equal(1 + 4, Lines(drawing, "fork").Count(static line => line.Attribute("class")!.Value == "line fork"));
        Assert.Equal(1 + 1, Lines(drawing, "fork distant").Count());
        Assert.Equal(2, Lines(XElement.Parse(MmDrawing.ToSvg(dump, "t")), "fork").Count());
    }

    [Fact]
    public void The_same_dump_gives_the_same_picture() => Assert.Equal(
        MmDrawing.ToSvg(MmDump.Parse(KernelDumps.Large), "t", s_parents),
        MmDrawing.ToSvg(MmDump.Parse(KernelDumps.Large), "t", s_parents));

    [Fact]
    public void A_title_may_have_any_letters()
    {
        XElement drawing = XElement.Parse(MmDrawing.ToSvg(MmDump.Parse(""), "a<b> & 'c'"));
        Assert.Equal("a<b> & 'c'", drawing.Element(Svg("title"))!.Value);
    }

    // A chain of forks with chains longer than a line, and more folios than fit into a row.
    private static string Long()
    {
        var anons = new DumpedAnon[20];
        var processes = new DumpedProcess[anons.Length];
        var pages = new List<DumpedPage>();
        for (int i = 0; i < anons.Length; i++)
        {
            anons[i] = new DumpedAnon(0, Math.Max(i - 1, 0), 1, 1);
            processes[i] = new DumpedProcess(
                $"p{i}", [new DumpedVma(1000, 1100, Protection.Read, 1000, i, [.. Enumerable.Range(0, i + 1).Reverse()])]);
        }

        for (int page = 1000; page < 1100; page += 3)
        {
            var frame = new DumpedFrame("p0", page, 2, new DumpedMapping(DumpedMappingKind.Anon, 0), page, false);
            pages.Add(new DumpedPage("p0", page, DumpedPageState.Present, frame));
            pages.Add(new DumpedPage("p0", page + 1, page % 2 == 0 ? DumpedPageState.Zero : DumpedPageState.Swapped));
            pages.Add(new DumpedPage("p9", page, DumpedPageState.Present, frame));
        }

        return new MmDump(processes, anons, pages, []).ToString();
    }

    // Few objects or many, related by chance.
    private static string Chance(int seed)
    {
        var random = new Random(seed);
        var anons = new DumpedAnon[random.Next(1, 15)];
        for (int i = 0; i < anons.Length; i++)
        {
            anons[i] = random.Next(10) == 0
                ? DumpedAnon.Unreached
                : new DumpedAnon(random.Next(i + 1), random.Next(i + 1), random.Next(100), random.Next(100));
        }

        var processes = new DumpedProcess[random.Next(1, 8)];
        var pages = new List<DumpedPage>();
        var frames = new List<DumpedFrame>();
        for (int i = 0; i < processes.Length; i++)
        {
            var vmas = new List<DumpedVma>();
            for (int end = random.Next(3000); end < 4000 && vmas.Count < 6;)
            {
                int start = end + random.Next(2);
                end = start + random.Next(1, 12);
                int[] chain = [.. Enumerable.Range(0, anons.Length).Where(i => anons[i].IsReached && random.Next(3) == 0)];
                vmas.Add(new DumpedVma(start, end, (Protection)random.Next(8), random.Next(4000), chain.Length == 0 ? null : chain[^1], chain));
                for (int page = start; page < end; page++)
                {
                    var frame = new DumpedFrame(
                        $"p{i}", page, random.Next(1, 1000), new(DumpedMappingKind.Anon, random.Next(anons.Length)), page, random.Next(2) == 0);
                    frames.Add(frame);
                    pages.Add(random.Next(4) switch
                    {
                        0 => new DumpedPage($"p{i}", page, DumpedPageState.Zero),
                        1 => new DumpedPage($"p{i}", page, DumpedPageState.Swapped),
                        2 => new DumpedPage($"p{i}", page, DumpedPageState.Present, frame),
                        _ => new DumpedPage($"p{i}", page, DumpedPageState.Present, frames[random.Next(frames.Count)]),
                    });
                }
            }

            processes[i] = new DumpedProcess($"p{i}", vmas);
        }

        return new MmDump(processes, anons, pages, []).ToString();
    }

    private static XElement Draw(MmDump dump) => XElement.Parse(MmDrawing.ToSvg(dump, "A dump", s_parents));

    private static XName Svg(string name) => XName.Get(name, "http://www.w3.org/2000/svg");

    private static IEnumerable<XElement> Lines(XElement drawing, string kind) =>
        drawing.Descendants(Svg("path")).Where(path => $" {(string?)path.Attribute("class")} ".Contains($" {kind} "));

    private static void CheckInside(XElement group, Box around)
    {
        XElement[] inner = [.. group.Elements(Svg("g"))];
        Box[] boxes = [.. inner.Select(static child => BoxOfRectangle(child.Element(Svg("rect"))!))];
        for (int i = 0; i < boxes.Length; i++)
        {
            Assert.True(around.Holds(boxes[i]), $"{inner[i].Attribute("id")} leaves what it is in");
            Assert.DoesNotContain(boxes[(i + 1)..], other => other.Meets(boxes[i]));
            CheckInside(inner[i], boxes[i]);
        }

        Assert.All(group.Elements(Svg("text")), text => Assert.True(around.Holds(BoxOfText(text)), text.Value));
    }

    private static Box BoxOfRectangle(XElement rectangle)
    {
        (double x, double y) = (Number(rectangle, "x"), Number(rectangle, "y"));
        return new Box(x, y, x + Number(rectangle, "width"), y + Number(rectangle, "height"));
    }

    // Advance widths of DejaVu Sans Mono, the widest of the fonts asked for: 0.602 of the size.
    private static Box BoxOfText(XElement text)
    {
        (double x, double y) = (Number(text, "x"), Number(text, "y"));
        double size = (string?)text.Attribute("class") == "title" ? 17 : 12;
        return new Box(x, y - (0.76 * size), x + (0.602 * size * text.Value.Length), y + (0.24 * size));
    }

    /// <summary>Boxes around the straight pieces of a path, and around a curve as a whole.</summary>
    private static IEnumerable<Box> Strokes(string path)
    {
        (double x, double y) = (0, 0);
        foreach (Match piece in Piece().Matches(path))
        {
            double[] numbers = [.. piece.Groups[2].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static n => double.Parse(n, CultureInfo.InvariantCulture))];
            (double toX, double toY) = piece.Groups[1].Value switch
            {
                "H" => (numbers[0], y),
                "V" => (x, numbers[0]),
                _ => (numbers[^2], numbers[^1]),
            };
            if (piece.Groups[1].Value != "M")
                yield return new Box(Math.Min(x, toX), Math.Min(y, toY), Math.Max(x, toX), Math.Max(y, toY));
            (x, y) = (toX, toY);
        }
    }

    [GeneratedRegex("([MHVC])([0-9 ]+)")]
    private static partial Regex Piece();

    private static double Number(XElement element, string name) =>
        double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private readonly record struct Box(double Left, double Top, double Right, double Bottom)
    {
        public bool Meets(Box other) =>
            Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

        public bool Holds(Box other) =>
            Left <= other.Left && other.Right <= Right && Top <= other.Top && other.Bottom <= Bottom;
    }
}
