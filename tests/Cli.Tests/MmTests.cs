using System.CommandLine;
using System.Text.Json;
using System.Xml.Linq;
using RcuModel.Cli.Mm;
using RcuModel.Scripts;

namespace RcuModel.Cli.Tests;

/// <summary><c>mm run</c>, with a machine that plays a part: what a model does with a script is tested with the model.</summary>
public sealed class MmTests : IDisposable
{
    private const string Script = "p0 mmap 16 4\np0 fork p1\np0 munmap 1 0\ndump\n";

    private const string Dump = """
        mm p0
          vma 16-20 rw- pgoff 16 anon a0 chain a0
        mm p1
          vma 16-20 --- pgoff 16 anon none chain
        anon a0 root a1 parent a1 children 0 vmas 1
        anon a1 unreached
        page p0:16 frame p0:16 mapcount 1 anon a0 index 16 exclusive
        page p1:17 frame p1:17 mapcount 1 anon ksm index 0
        page p1:18 zero
        page p1:19 swapped

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("rcumodel-mm").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Failures_and_dumps_are_printed_in_canonical_form()
    {
        InProcess run = Run("", "mm", "run", Kept(Script));
        Assert.Empty(run.Error);
        Assert.Equal($"line 3: EINVAL\n{Dump}", run.Out);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public void A_dash_is_standard_input()
    {
        InProcess run = Run(Script, "mm", "run", "-");
        Assert.Empty(run.Error);
        Assert.Equal($"line 3: EINVAL\n{Dump}", run.Out);
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
        Assert.Equal("""{"line":3,"operation":"p0 munmap 1 0","error":"EINVAL","dump":null}""", Compact(events[0]));
        Assert.Equal(
            """
            {"line":4,"operation":"dump","error":null,"dump":{
            "processes":[
            {"name":"p0","vmas":[{"start":16,"end":20,"protection":"rw-","pgoff":16,"anonVma":"a0","chain":["a0"]}]},
            {"name":"p1","vmas":[{"start":16,"end":20,"protection":"---","pgoff":16,"anonVma":null,"chain":[]}]}],
            "anonVmas":[
            {"name":"a0","reached":true,"root":"a1","parent":"a1","children":0,"vmas":1},
            {"name":"a1","reached":false,"root":null,"parent":null,"children":null,"vmas":null}],
            "pages":[
            {"process":"p0","number":16,"state":"present","frame":
            {"name":"p0:16","mapcount":1,"mapping":"a0","index":16,"exclusive":true}},
            {"process":"p1","number":17,"state":"present","frame":
            {"name":"p1:17","mapcount":1,"mapping":"ksm","index":0,"exclusive":false}},
            {"process":"p1","number":18,"state":"zero","frame":null},
            {"process":"p1","number":19,"state":"swapped","frame":null}]}}
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
    [InlineData("p0 fork unborn\nunborn read 1", ":2:1: 'unborn' does not exist: its fork on line 1 failed with ENOMEM")]
    public void A_mistake_in_a_script_is_one_line(string script, string message)
    {
        string file = Kept(script);
        InProcess run = Run("", "mm", "run", file);
        Assert.Equal(2, run.Code);
        Assert.Equal($"rcumodel: {file}{message}", run.Error.TrimEnd());
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
        var root = new RootCommand();
        root.Subcommands.Add(MmVerb.Create(surroundings, static () => new Player()));
        int code = Tool.Guard(error, debug: false, () =>
        {
            ParseResult line = root.Parse(args, CommandLine.Parsing);
            CommandLine.RefuseErrors(line);
            return line.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        });
        return new InProcess(code, output.ToString(), error.ToString());
    }

    private string Kept(string script)
    {
        string file = Path.Combine(_folder, "script.mm");
        File.WriteAllText(file, script);
        return file;
    }

    /// <summary>Knows one dump and two failures.</summary>
    private sealed class Player : IScriptMachine
    {
        public Errno Execute(ScriptOperation operation) => operation switch
        {
            { Verb: ScriptVerb.Munmap } => Errno.EINVAL,
            { Child: "unborn" } => Errno.ENOMEM,
            _ => Errno.None,
        };

        MmDump IScriptMachine.Dump() => MmDump.Parse(Dump);
    }
}
