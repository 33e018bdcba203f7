namespace RcuModel.Scripts.Tests;

/// <summary>Objects of a machine get the names that the kernel's runner gives to the kernel's.</summary>
public sealed class DumpBuilderTests
{
    private const Protection Rw = Protection.Read | Protection.Write;

    [Fact]
    public void Objects_as_the_kernel_has_them_give_the_dump_that_the_kernel_gives()
    {
        var first = new Anon { Children = 2, Vmas = 2 };
        var second = new Anon { Root = first, Parent = first, Children = 1, Vmas = 2 };
        var third = new Anon { Root = first, Parent = second, Vmas = 1 };
        (object of18, object of19, object of20) = (new(), new(), new());
        DumpBuilder builder = New();
        builder.AddProcess("p0");
        builder.AddVma(16, 20, Rw, 16, first, [first]);
        builder.AddVma(22, 32, Rw, 22, first, [first]);
        builder.AddZero(17);
        builder.AddFrame(18, of18, 3, first, 18, false);
        builder.AddProcess("p1");
        builder.AddVma(24, 32, Rw, 24, second, [second, first]);
        builder.AddVma(64, 72, Rw, 16, second, [second, first]);
        builder.AddZero(65);
        builder.AddFrame(66, of18, 3, first, 18, false);
        builder.AddFrame(67, of19, 2, second, 19, false);
        builder.AddProcess("p2");
        builder.AddVma(16, 32, Rw, 16, third, [third, second, first]);
        builder.AddZero(17);
        builder.AddFrame(18, of18, 3, first, 18, false);
        builder.AddFrame(19, of19, 2, second, 19, false);
        builder.AddFrame(20, of20, 1, third, 20, true);
        Assert.Equal(KernelDumps.Example, builder.Build().ToString());
    }

    [Fact]
    public void Names_follow_the_walk_and_not_the_age_of_objects()
    {
        // The parent was there before the child, but the child's own name comes first in the chain.
        var first = new Anon { Children = 2, Vmas = 2 };
        var second = new Anon { Root = first, Parent = first, Children = 1 };
        var third = new Anon { Root = first, Parent = second, Vmas = 1 };
        (object of18, object of19, object of20) = (new(), new(), new());
        DumpBuilder builder = New();
        builder.AddProcess("p0");
        builder.AddVma(16, 20, Rw, 16, first, [first]);
        builder.AddVma(22, 32, Rw, 22, first, [first]);
        builder.AddZero(17);
        builder.AddFrame(18, of18, 2, first, 18, false);
        builder.AddProcess("p2");
        builder.AddVma(16, 32, Rw, 16, third, [third, second, first]);
        builder.AddZero(17);
        builder.AddFrame(18, of18, 2, first, 18, false);
        builder.AddFrame(19, of19, 1, second, 19, false);
        builder.AddFrame(20, of20, 1, third, 20, true);
        Assert.Equal(KernelDumps.ExampleAfterExit, builder.Build().ToString());
    }

    [Fact]
    public void A_root_is_named_before_a_parent_and_one_that_no_chain_holds_is_unreached()
    {
        var root = new Anon();
        var parent = new Anon { Root = root, Parent = root };
        var own = new Anon { Root = root, Parent = parent, Vmas = 1 };
        var gone = new Anon();
        DumpBuilder builder = New();
        builder.AddProcess("p0");
        builder.AddVma(1, 3, Rw, 1, own, [own]);
        builder.AddFrame(1, new object(), 1, parent, 1, false);
        builder.AddFrame(2, new object(), 1, gone, 2, false);
        builder.AddProcess("p1");
        builder.AddFrame(5, new object(), 1, null, 5, true);
        builder.AddKsmFrame(6, new object(), 1, false);
        builder.AddSwapped(7);
        Assert.Equal(
            """
            mm p0
              vma 1-3 rw- pgoff 1 anon a0 chain a0
            mm p1
            anon a0 root a1 parent a2 children 0 vmas 1
            anon a1 unreached
            anon a2 unreached
            page p0:1 frame p0:1 mapcount 1 anon a2 index 1
            page p0:2 frame p0:2 mapcount 1 anon unreached index 2
            page p1:5 frame p1:5 mapcount 1 anon unreached index 5 exclusive
            page p1:6 frame p1:6 mapcount 1 anon ksm
            page p1:7 swapped

            """,
            builder.Build().ToString());
    }

    [Fact]
    public void A_root_with_a_chain_discovers_others_while_lines_are_made()
    {
        // A VMA whose anon_vma is not in its chain, as a broken machine may have it, is printed as it is.
        var root = new Anon { Children = 1 };
        var own = new Anon { Root = root, Parent = root };
        DumpBuilder builder = New();
        builder.AddProcess("p0");
        builder.AddVma(1, 2, Rw, 1, own, [root]);
        Assert.Equal(
            """
            mm p0
              vma 1-2 rw- pgoff 1 anon a0 chain a1
            anon a0 unreached
            anon a1 root a1 parent a1 children 1 vmas 0

            """,
            builder.Build().ToString());
    }

    [Fact]
    public void Equal_objects_are_not_the_same_object()
    {
        DumpBuilder builder = New();
        builder.AddProcess("p0");
        builder.AddFrame(1, new string('f', 1), 1, null, 1, false);
        builder.AddFrame(2, new string('f', 1), 1, null, 2, false);
        Assert.Equal([1, 2], builder.Build().Pages.Select(static page => page.Frame!.OwnerPage));
    }

    private static DumpBuilder New() => new(static found =>
    {
        var anon = (Anon)found;
        return new DumpBuilder.AnonContents(anon.Root ?? anon, anon.Parent ?? anon, anon.Children, anon.Vmas);
    });

    /// <summary>Its own root and parent unless told otherwise.</summary>
    private sealed class Anon
    {
        public Anon? Root { get; init; }

        public Anon? Parent { get; init; }

        public int Children { get; init; }

        public int Vmas { get; init; }
    }
}
