namespace RcuModel.Scripts.Tests;

/// <summary>Two texts beside each other.</summary>
public sealed class SideBySideTests
{
    private static readonly string[] s_kernel =
    [
        "mm p0", "  vma 0-1 rw- pgoff 0 anon a0 chain a0", "anon a0 root a0 parent a0 children 1 vmas 1",
        "page p0:0 frame p0:0 mapcount 1 anon a0 index 0 exclusive", "page p0:1 zero",
    ];

    private static readonly string[] s_model =
    [
        "mm p0", "  vma 0-1 rw- pgoff 0 anon a0 chain a0", "anon a0 root a0 parent a0 children 2 vmas 1",
        "page p0:0 frame p0:0 mapcount 1 anon a0 index 0", "page p0:1 zero", "page p0:2 zero",
    ];

    [Fact]
    public void The_first_row_that_differs_is_marked_and_so_are_the_others_in_their_way() => Assert.Equal(
        """
          kernel                                                    | model
          mm p0                                                     | mm p0
            vma 0-1 rw- pgoff 0 anon a0 chain a0                    |   vma 0-1 rw- pgoff 0 anon a0 chain a0
        > anon a0 root a0 parent a0 children 1 vmas 1               | anon a0 root a0 parent a0 children 2 vmas 1
        * page p0:0 frame p0:0 mapcount 1 anon a0 index 0 exclusive | page p0:0 frame p0:0 mapcount 1 anon a0 index 0
          page p0:1 zero                                            | page p0:1 zero
        *                                                           | page p0:2 zero

        """,
        SideBySide.Draw(s_kernel, s_model, "kernel", "model", 120));

    [Fact]
    public void A_narrow_page_breaks_lines_between_words() => Assert.Equal(
        """
          kernel                            | model
          mm p0                             | mm p0
            vma 0-1 rw- pgoff 0 anon a0     |   vma 0-1 rw- pgoff 0 anon a0
              chain a0                      |     chain a0
        > anon a0 root a0 parent a0         | anon a0 root a0 parent a0
              children 1 vmas 1             |     children 2 vmas 1
        * page p0:0 frame p0:0 mapcount 1   | page p0:0 frame p0:0 mapcount 1
              anon a0 index 0 exclusive     |     anon a0 index 0
          page p0:1 zero                    | page p0:1 zero
        *                                   | page p0:2 zero

        """,
        SideBySide.Draw(s_kernel, s_model, "kernel", "model", 72));

    [Fact]
    public void No_line_is_wider_than_the_page()
    {
        for (int width = SideBySide.WidthMin; width <= SideBySide.WidthMax; width++)
        {
            string text = SideBySide.Draw([.. s_kernel, new string('x', 300)], s_model, "kernel", "model", width);
            Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, width));
        }
    }

    [Fact]
    public void One_side_may_be_empty() => Assert.Equal(
        "  kernel | model\n> mm p0  |\n", SideBySide.Draw(["mm p0"], [], "kernel", "model", 80));
}
