using System.Text.Json;
using System.Xml.Linq;

namespace RcuModel.Cli.Tests;

/// <summary><c>mm run</c>: what is printed, drawn and refused. What the model does with a script is tested with the model.</summary>
public sealed class MmTests : IDisposable
{
    private const string Script =
        "p0 mmap 16 4\np0 write 16\np0 read 18\np0 fork p1\np1 mprotect 16 4 r\np0 write 17\np0 madvise 17 1 pageout\np0 munmap 1 0\ndump\n";

    // What a kernel printed.
    private const string Dump = """
        mm p0
          vma 16-20 rw- pgoff 16 anon a0 chain a0
        mm p1
          vma 16-20 r-- pgoff 16 anon a1 chain a1 a0
        anon a0 root a0 parent a0 children 2 vmas 1
        anon a1 root a0 parent a0 children 0 vmas 1
        page p0:16 frame p0:16 mapcount 2 anon a0 index 16
        page p0:17 swapped
        page p0:18 zero
        page p1:16 frame p0:16 mapcount 2 anon a0 index 16
        page p1:18 zero

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rcumodel-mm").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Failures_and_dumps_are_printed_in_canonical_form()
    {
        InProcess run = Run("", "mm", "run", Kept(Script));
        Assert.Empty(run.Error);
        Assert.Equal($"line 8: EINVAL\n{Dump}", run.Out);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public void A_dash_is_standard_input()
    {
        InProcess run = Run(Script, "mm", "run", "-");
        Assert.Empty(run.Error);
        Assert.Equal($"line 8: EINVAL\n{Dump}", run.Out);
        Assert.Equal(
            "rcumodel: standard input:1:4: expected an operation, found the end of the line\n",
            Run("p0 ", "mm", "run", "-").Error.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_document_has_what_the_text_has()
    {
        string file = Kept(Script);
        InProcess run = Run("", "mm", "run", file, "--json");
        Assert.Empty(run.Error);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement root = document.RootElement;
        Assert.Equal(file, root.GetProperty("script").GetString());
        Assert.Equal(0, root.GetProperty("exitCode").GetInt32());
        Assert.Equal("""{"p1":"p0"}""", Compact(root.GetProperty("parents")));
        JsonElement events = root.GetProperty("events");
        Assert.Equal(2, events.GetArrayLength());
        Assert.Equal("""{"line":8,"operation":"p0 munmap 1 0","error":"EINVAL","dump":null}""", Compact(events[0]));
        Assert.Equal(
            """
            {"line":9,"operation":"dump","error":null,"dump":{
            "processes":[
            {"name":"p0","vmas":[{"start":16,"end":20,"protection":"rw-","pgoff":16,"anonVma":"a0","chain":["a0"],"file":false}]},
            {"name":"p1","vmas":[{"start":16,"end":20,"protection":"r--","pgoff":16,"anonVma":"a1","chain":["a1","a0"],"file":false}]}],
            "anonVmas":[
            {"name":"a0","reached":true,"root":"a0","parent":"a0","children":2,"vmas":1},
            {"name":"a1","reached":true,"root":"a0","parent":"a0","children":0,"vmas":1}],
            "pages":[
            {"process":"p0","number":16,"state":"present","pmd":false,"frame":
            {"name":"p0:16","mapcount":2,"mapping":"a0","index":16,"exclusive":false,"folio":null,"at":0}},
            {"process":"p0","number":17,"state":"swapped","pmd":false,"frame":null},
            {"process":"p0","number":18,"state":"zero","pmd":false,"frame":null},
            {"process":"p1","number":16,"state":"present","pmd":false,"frame":
            {"name":"p0:16","mapcount":2,"mapping":"a0","index":16,"exclusive":false,"folio":null,"at":0}},
            {"process":"p1","number":18,"state":"zero","pmd":false,"frame":null}],"folios":[]}}
            """.Replace("\n", ""),
            Compact(events[1]));
    }

    [Fact]
    public void The_drawing_is_of_the_end_and_knows_who_forked_whom()
    {
        string drawing = Path.Combine(_folder, "out.svg");
        InProcess run = Run("", "mm", "run", Kept("p0 fork p1"), "--draw", drawing);
        Assert.Empty(run.Error);
        Assert.Empty(run.Out);
        XElement root = XElement.Load(drawing);
        Assert.Equal("script.mm, at its end", root.Elements().First().Value);
        Assert.Single(root.Descendants(), static element => ((string?)element.Attribute("marker-end"))?.Contains("to-fork") == true);
    }

    [Theory]
    [InlineData("p0 mmap 16 x", ":1:12: expected a number of pages, found 'x'")]
    [InlineData("p0 mmap 0 1\np1 read 0", ":2:1: expected a process, 'dump', 'thp', 'shrink' or 'ksm', found 'p1', which nobody has forked")]
    public void A_mistake_in_a_script_is_one_line(string script, string message)
    {
        string file = Kept(script);
        InProcess run = Run("", "mm", "run", file);
        Assert.Equal(2, run.Code);
        Assert.Equal($"rcumodel: {file}{message}", run.Error.TrimEnd());
    }

    [Fact]
    public void A_design_or_a_version_that_is_not_there_is_one_line()
    {
        InProcess design = Run("", "mm", "run", Kept(Script), "--design", "anon-vm");
        Assert.Equal(2, design.Code);
        Assert.Equal("rcumodel: --design knows nothing called \"anon-vm\"; did you mean anon-vma?", design.Error.TrimEnd());
        InProcess rules = Run("", "mm", "run", Kept(Script), "--rules", "2.6");
        Assert.Equal(2, rules.Code);
        Assert.Equal("rcumodel: --rules takes 6.18, 7.0, mm-unstable, not \"2.6\"", rules.Error.TrimEnd());
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_one_line()
    {
        string missing = Path.Combine(_folder, "missing", "file");
        InProcess read = Run("", "mm", "run", missing);
        Assert.Equal(2, read.Code);
        Assert.StartsWith($"rcumodel: {missing} cannot be read: ", Assert.Single(read.Error.TrimEnd().Split('\n')));
        InProcess drawn = Run("", "mm", "run", Kept(Script), "--draw", missing);
        Assert.Equal(2, drawn.Code);
        Assert.StartsWith($"rcumodel: --draw: {missing} cannot be written: ", Assert.Single(drawn.Error.TrimEnd().Split('\n')));
        InProcess option = Run("", "mm", "run", "--drew");
        Assert.Equal(2, option.Code);
        Assert.StartsWith("rcumodel: run has no option \"--drew\"; did you mean --draw?", option.Error);
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private static InProcess Run(string input, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var surroundings = new Surroundings { In = new StringReader(input), Out = output, Error = error };
        int code = Tool.Run(args, surroundings);
        return new InProcess(code, output.ToString(), error.ToString());
    }

    private string Kept(string script)
    {
        string file = Path.Combine(_folder, "script.mm");
        File.WriteAllText(file, script);
        return file;
    }
}
