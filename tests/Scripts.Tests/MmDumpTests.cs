namespace RcuModel.Scripts.Tests;

/// <summary>The canonical text, there and back.</summary>
public sealed class MmDumpTests
{
    private const string Rare = """
        mm p0
          vma 16-20 r-x pgoff 16 anon a0 chain a0
          vma 20-24 --- pgoff 20 anon none chain a0
          vma 24-26 rw- file pgoff 3 anon none chain
        mm a:b
        anon a0 root a1 parent a1 children 0 vmas 1
        anon a1 unreached
        page p0:16 frame p0:16 mapcount 2 anon ksm
        page p0:17 frame p0:17 mapcount 1 anon unreached index 17 exclusive
        page p0:18 frame p0:16 mapcount 2 anon ksm
        page p0:24 frame p0:24 mapcount 3 anon file index 3
        page a:b:1 swapped

        """;

    [Theory]
    [MemberData(nameof(KernelDumps.All), MemberType = typeof(KernelDumps))]
    [InlineData(Rare)]
    [InlineData("")]
    public void What_is_read_is_printed_the_same(string text) => Assert.Equal(text, MmDump.Parse(text).ToString());

    [Fact]
    public void Everything_has_its_place_in_the_data()
    {
        MmDump dump = MmDump.Parse(Rare);
        Assert.Equal(["p0", "a:b"], dump.Processes.Select(static process => process.Name));
        DumpedVma vma = dump.Processes[0].Vmas[0];
        Assert.Equal((16, 20, Protection.Read | Protection.Exec, 16L, 0), (vma.Start, vma.End, vma.Protection, vma.PageOffset, vma.Anon));
        Assert.Equal([0], vma.Chain);
        Assert.Null(dump.Processes[0].Vmas[1].Anon);
        Assert.Equal([false, false, true], dump.Processes[0].Vmas.Select(static vma => vma.IsFile));
        Assert.Equal([new DumpedAnon(1, 1, 0, 1), DumpedAnon.Unreached], dump.Anons);
        Assert.Equal(
            [
                new DumpedPage("p0", 16, DumpedPageState.Present, new DumpedFrame("p0", 16, 2, new(DumpedMappingKind.Ksm), 0, false)),
                new DumpedPage("p0", 17, DumpedPageState.Present, new DumpedFrame("p0", 17, 1, new(DumpedMappingKind.Unreached), 17, true)),
                new DumpedPage("p0", 18, DumpedPageState.Present, new DumpedFrame("p0", 16, 2, new(DumpedMappingKind.Ksm), 0, false)),
                new DumpedPage("p0", 24, DumpedPageState.Present, new DumpedFrame("p0", 24, 3, new(DumpedMappingKind.File), 3, false)),
                new DumpedPage("a:b", 1, DumpedPageState.Swapped),
            ],
            dump.Pages);
    }

    [Theory]
    [InlineData("anon a0 unreached", "d:1:1: expected a line of a dump (mm), found 'anon'")]
    [InlineData("mm p0\nmmm", "d:2:1: expected a line of a dump (mm, vma, anon, page, folio), found 'mmm'")]
    [InlineData("mm p0\n  vma 16 rw-", "d:2:7: expected START-END, found '16'")]
    [InlineData("mm p0\n  vma 16-20 rw- pgoff 16 anon b0 chain", "d:2:31: expected an anon_vma such as a0, found 'b0'")]
    [InlineData("mm p0\nanon a1 unreached", "d:2:6: expected 'a0', found 'a1'")]
    [InlineData("mm p0\npage p1:7 zero", "d:2:6: expected a page of a process above, found 'p1:7'")]
    [InlineData("mm p0\npage p0:7-7 zero", "d:2:6: expected PROCESS:PAGE or PROCESS:START-END, found 'p0:7-7'")]
    [InlineData("mm p0\npage p0:7 frame p0:7 mapcount 1 anon ksm folio f0 at 0", "d: f0 is named, but has no line of its own")]
    [InlineData("mm p0\nfolio f1 order 9", "d:2:7: expected 'f0', found 'f1'")]
    [InlineData("mm p0\npage p0:7", "d:2:10: expected what is there, found the end of the line")]
    [InlineData("mm p0\n  vma 1-2 rw- pgoff 1 anon a3 chain", "d: a3 is named, but has no line of its own")]
    public void What_is_no_dump_is_told_with_its_place(string text, string message) =>
        Assert.Equal(message, Assert.Throws<ScriptException>(() => MmDump.Parse(text, "d")).Message);
}
