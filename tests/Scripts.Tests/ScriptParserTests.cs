namespace RcuModel.Scripts.Tests;

/// <summary>The language: what is understood, and what is said where something is not.</summary>
public sealed class ScriptParserTests
{
    private const string Everything = """
        p0 mmap 16 16
        p0 mmap 40 4 r
        p0 mmap 44 4 rwx
        p0 mmap 48 4 -
        p0 mmap 52 4 rw file 0
        p0 mmap 56 4 - file 1024
        p0 munmap 20 2
        p0 mremap 16 8 64
        p0 dontunmap 64 8 128
        p0 uffdmove 16 4 32
        p0 uffdmove 16 4 32 holes
        p0 resize 64 8 12
        p0 mprotect 16 4 -
        p0 mprotect 16 4 wx
        p0 write 18
        p0 write 18 3
        p0 read 17
        p0 read 17 0
        p0 madvise 16 4 dontneed
        p0 madvise 16 4 pageout
        p0 madvise 16 4 free
        p0 madvise 16 4 dontfork
        p0 madvise 16 4 dofork
        p0 madvise 16 4 wipeonfork
        p0 madvise 16 4 mergeable
        p0 madvise 16 4 unmergeable
        p0 madvise 16 4 hugepage
        p0 madvise 16 4 nohugepage
        p0 madvise 16 4 collapse
        p0 madvise 16 4 dontdump
        p0 madvise 16 4 dodump
        p0 fork p1
        p1 fork child_2
        p1 exit
        dump
        thp 2 4 9
        thp -
        shrink
        ksm

        """;

    [Fact]
    public void What_is_printed_reads_back_the_same()
    {
        MmScript script = ScriptParser.Parse(Everything);
        Assert.Equal(Everything, script.ToString());
        Assert.Equal(script.Operations, ScriptParser.Parse(script.ToString()).Operations);
    }

    [Fact]
    public void A_mapping_of_the_file_is_for_reading_and_writing_unless_it_says_otherwise() =>
        Assert.Equal("p0 mmap 52 4 rw file 3\n", ScriptParser.Parse("p0 mmap 52 4 file 3").ToString());

    [Fact]
    public void Each_verb_and_each_advice_is_in_the_round_trip()
    {
        MmScript script = ScriptParser.Parse(Everything);
        Assert.Equal(Enum.GetValues<ScriptVerb>(), script.Operations.Select(static operation => operation.Verb).Distinct().Order());
        Assert.Equal(
            Enum.GetValues<Advice>(),
            script.Operations.Where(static operation => operation.Verb == ScriptVerb.Madvise)
                .Select(static operation => operation.Advice).Order());
    }

    [Fact]
    public void Comments_blanks_and_carriage_returns_mean_nothing()
    {
        MmScript script = ScriptParser.Parse("# first\r\n\r\n\t p0   mmap\t16 4 rw # why\r\ndump#\r\n   \ndump");
        Assert.Equal(
            [
                ScriptOperation.Mmap("p0", 16, 4, Protection.Read | Protection.Write) with { Line = 3 },
                ScriptOperation.Dump() with { Line = 4 },
                ScriptOperation.Dump() with { Line = 6 },
            ],
            script.Operations);
    }

    [Fact]
    public void A_protection_may_have_dashes_and_any_order()
    {
        MmScript script = ScriptParser.Parse("p0 mmap 1 1 xw\np0 mmap 1 1 r-x\np0 mprotect 1 1 ---");
        Assert.Equal(
            [Protection.Write | Protection.Exec, Protection.Read | Protection.Exec, Protection.None],
            script.Operations.Select(static operation => operation.Protection));
    }

    [Fact]
    public void Operations_made_by_a_program_get_the_lines_in_which_they_are_printed()
    {
        var script = MmScript.Of([ScriptOperation.Mmap("p0", 1, 1, Protection.Read), ScriptOperation.Dump()]);
        Assert.Equal(script.Operations, ScriptParser.Parse(script.ToString()).Operations);
    }

    [Theory]
    [InlineData("p0 mmap", "1:8: expected a page number, found the end of the line")]
    [InlineData("p0 mmap 16", "1:11: expected a number of pages, found the end of the line")]
    [InlineData("\np0 mmap 16 x", "2:12: expected a number of pages, found 'x'")]
    [InlineData("p0 mmap x 16", "1:9: expected a page number, found 'x'")]
    [InlineData("p0 mmap 1.5 16", "1:9: expected a page number, found '1.5'")]
    [InlineData("p0 mmap +1 16", "1:9: expected a page number, found '+1'")]
    [InlineData("p0 mmap -1 16", "1:9: expected a page number from 0 to 4095, found '-1'")]
    [InlineData("p0 mmap 4096 1", "1:9: expected a page number from 0 to 4095, found '4096'")]
    [InlineData("p0 mmap 99999999999999999999 1", "1:9: expected a page number, found '99999999999999999999'")]
    [InlineData("p0 mmap 4000 97", "1:14: expected a number of pages from 0 to 96, found '97'")]
    [InlineData("p0 mremap 0 8 4089", "1:15: expected a page number from 0 to 4088, found '4089'")]
    [InlineData("p0 dontunmap 0 0 4096", "1:18: expected a page number from 0 to 4095, found '4096'")]
    [InlineData("p0 resize 4000 8 97", "1:18: expected a number of pages from 0 to 96, found '97'")]
    [InlineData("p0 mmap 1 1 r fil 1", "1:15: expected 'file', found 'fil'")]
    [InlineData("p0 mmap 1 1 file", "1:17: expected a page of the file, found the end of the line")]
    [InlineData("p0 mmap 1 1 rz", "1:13: expected a protection of the letters r, w and x, or '-', found 'rz'")]
    [InlineData("p0 mprotect 1 1", "1:16: expected a protection, found the end of the line")]
    [InlineData("p0 madvise 1 1", "1:15: expected advice, found the end of the line")]
    [InlineData(
        "p0 madvise 1 1 wont",
        "1:16: expected advice (dontneed, pageout, free, dontfork, dofork, wipeonfork, mergeable, unmergeable, hugepage, "
            + "nohugepage, collapse, dontdump, dodump), found 'wont'")]
    [InlineData("p0", "1:3: expected an operation, found the end of the line")]
    [InlineData(
        "p0 map 1 1",
        "1:4: expected an operation (mmap, munmap, mremap, dontunmap, uffdmove, resize, mprotect, write, read, madvise, fork, exit), found 'map'")]
    [InlineData("p0 munmap 1 1 1", "1:15: expected the end of the line, found '1'")]
    [InlineData("p0 exit now", "1:9: expected the end of the line, found 'now'")]
    [InlineData("p0 uffdmove 0 1 8 hole", "1:19: expected the end of the line, found 'hole'")]
    [InlineData("thp", "1:4: expected an order, found the end of the line")]
    [InlineData("thp 1", "1:5: expected an order from 2 to 9, found '1'")]
    [InlineData("thp 2 -", "1:7: expected an order, found '-'")]
    [InlineData("shrink all", "1:8: expected the end of the line, found 'all'")]
    [InlineData("dump it", "1:6: expected the end of the line, found 'it'")]
    [InlineData("p1 read 1", "1:1: expected a process, 'dump', 'thp', 'shrink' or 'ksm', found 'p1', which nobody has forked")]
    [InlineData("p0 exit\n  p0 read 1", "2:3: expected a living process, found 'p0', which exited on line 1")]
    [InlineData("p0 fork", "1:8: expected a name for the child, found the end of the line")]
    [InlineData("p0 fork p0", "1:9: expected a new name for the child, found 'p0', which is there from the start")]
    [InlineData("p0 fork p1\np1 exit\np0 fork p1", "3:9: expected a new name for the child, found 'p1', which was forked on line 1")]
    [InlineData("p0 fork dump", "1:9: expected a name for the child of at most 15 letters and digits, a letter first, found 'dump'")]
    [InlineData("p0 fork a:b", "1:9: expected a name for the child of at most 15 letters and digits, a letter first, found 'a:b'")]
    [InlineData(
        "p0 fork p123456789012345",
        "1:9: expected a name for the child of at most 15 letters and digits, a letter first, found 'p123456789012345'")]
    public void A_mistake_is_told_with_its_place_and_what_was_expected(string text, string message)
    {
        var mistake = Assert.Throws<ScriptException>(() => ScriptParser.Parse(text, "script.mm"));
        Assert.Equal($"script.mm:{message}", mistake.Message);
    }
}
