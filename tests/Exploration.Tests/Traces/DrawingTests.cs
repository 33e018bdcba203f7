using RcuModel.Exploration.Reporting;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Traces;

/// <summary>A counterexample fits the page that it is drawn for, and says what it is about.</summary>
public sealed class DrawingTests
{
    public static TheoryData<int> Widths { get; } = [40, 41, 50, 60, 72, 80, 100, 132];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Nothing_goes_beyond_the_page(int width)
    {
        foreach (int threads in new[] { 1, 2, 3, 7, 16 })
        {
            string report = Wide(threads).Draw(width);
            Assert.All(report.Split('\n'), line => Assert.True(line.Length <= width, line));
            Assert.All(report.Split('\n'), static line => Assert.Equal(line.TrimEnd(), line));
            Assert.Contains("a_long_name", report.Replace("\n", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_page_that_is_wide_enough_shows_what_no_page_shows()
    {
        Violation violation = Wide(3);
        Assert.Equal(violation.Report, violation.Draw(1000));
        Assert.Throws<ArgumentOutOfRangeException>(() => violation.Draw(39));
    }

    [Fact]
    public void Columns_are_narrowed_then_sources_go_then_steps_are_listed()
    {
        Violation violation = Wide(3);
        Assert.Contains("source", violation.Draw(100));
        Assert.DoesNotContain("source", violation.Draw(60));
        Assert.Contains("  #  ", violation.Draw(60));
        Assert.DoesNotContain("  #  ", violation.Draw(44));
        Assert.Contains("T2: add\n", violation.Draw(44));
    }

    [Fact]
    public void What_is_too_long_loses_its_middle()
    {
        Violation violation = Explorer.Explore(
            static () =>
            {
                var x = new Cell<int>(0, "x");
                for (int i = 1; i <= 1000; i++)
                    x.WriteOnce(i);
                Execution.Assert(x.ReadOnce() == 0, "never written");
            },
            new ExplorationOptions { Minimise = false }).Violation!;
        string[] lines = violation.Report.Split('\n');
        Assert.Contains(lines, static line => line.StartsWith("     1  x = 1 ", StringComparison.Ordinal));
        Assert.Contains("      ... 951 lines left out ...", lines);
        Assert.Contains(lines, static line => line.StartsWith("> 1001  x -> 1000 (from #1000 main)", StringComparison.Ordinal));
        Assert.InRange(lines.Length, 50, 70);
    }

    [Fact]
    public void What_the_body_does_alone_is_left_out_before_what_its_threads_do()
    {
        Violation violation = Explorer.Explore(static () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            for (int i = 0; i < 200; i++)
                x.WriteOnce(i);
            Execution.Run(() => y.WriteOnce(1), () => y.WriteOnce(2));
            for (int i = 0; i < 200; i++)
                x.WriteOnce(i);
            Execution.Assert(y.ReadOnce() == 0, "no");
        }).Violation!;
        string[] lines = violation.Report.Split('\n');
        Assert.Contains("      ... 200 lines left out ...", lines);
        Assert.Contains(lines, static line => line.Contains("y = 1", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("y = 2", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.StartsWith('>') && line.Contains("y -> ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, static line => line.Contains("x = 3 ", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_held_at_the_end_is_listed_with_its_step()
    {
        string report = Explorer.Explore(static () =>
        {
            var a = new SpecLock("a", watched: false);
            var b = new SpecLock("b", watched: false);
            a.Acquire();
            a.Release();
            b.Acquire(LockMode.Read);
            a.Acquire(LockMode.Write, 3, 5);
            Execution.Assert(false, "no");
        }).Violation!.Report;
        Assert.Contains("held at the end:\n   main holds b for reading, since #3\n   main holds a [3..5] alone, since #4\n", report);
    }

    [Fact]
    public void A_reader_of_RCU_that_has_ended_is_not_held()
    {
        string report = Explorer.Explore(static () =>
        {
            var rcu = new SpecRcu("rcu");
            rcu.ReadLock();
            rcu.ReadUnlock();
            rcu.Synchronize();
            rcu.ReadLock();
            Execution.Assert(false, "no");
        }).Violation!.Report;
        Assert.Matches("held at the end:\n   main holds rcu for reading, since #[0-9]+\n(?!   main)", report);
    }

    [Fact]
    public void Loads_say_where_the_value_is_from()
    {
        string report = Explorer.Explore(static () =>
        {
            var x = new Cell<int>(5, "x");
            var p = new Plain<int>(0, "p");
            x.ReadOnce();
            x.FetchAdd(1);
            x.LoadAcquire();
            p.Write(1);
            p.Read();
            x.CompareExchange(0, 1);
            x.AwaitEqual(6);
            Execution.Assert(false, "no");
        }).Violation!.Report;
        Assert.Contains("1  x -> 5 (initial)", report);
        Assert.Contains("3  x -> 6 (acquire, from #2 main)", report);
        Assert.Contains("p -> 1 (plain, from main)", report);
        Assert.Contains("4  cmpxchg x: fails, is 6 (from #2 main)", report);
        Assert.Contains("5  await x == 6: 6 (from #2 main)", report);
    }

    [Fact]
    public void Threads_of_one_name_are_told_apart_by_who_started_them()
    {
        string report = Explorer.Explore(static () =>
        {
            var x = new Cell<int>(0, "x");
            Action child = () => x.FetchAdd(1);
            Action parent = () => Execution.Run(child);
            Execution.Run(parent, parent);
            Execution.Assert(x.ReadOnce() == 0, "no");
        }).Violation!.Report;
        string header = report.Split('\n').Single(line => line.Contains("   #  ", StringComparison.Ordinal));
        Assert.Equal(
            ["#", "main", "T1", "T2", "T1/T1", "T2/T1", "source"], header.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_message_of_several_lines_is_one()
    {
        string report = Explorer.Explore(static () => throw new NotSupportedException("one\ntwo\u0007")).Violation!.Report;
        Assert.Contains("violated: NotSupportedException: one two \nkind: UnhandledException, thread: main\n", report);
    }

    [Theory]
    [InlineData("src/Primitives/X.cs", "src/Primitives/X.cs")]
    [InlineData("/home/me/tree/src/Primitives/X.cs", "src/Primitives/X.cs")]
    [InlineData("/src/me/tests/X.cs", "tests/X.cs")]
    [InlineData(@"C:\work\tests\X.cs", "tests/X.cs")]
    [InlineData("/somewhere/else/X.cs", "X.cs")]
    [InlineData(null, "")]
    public void A_source_path_names_no_machine(string? path, string shown) => Assert.Equal(shown, SourcePath.Shorten(path));

    private static Violation Wide(int threads) => Explorer.Explore(
        () =>
        {
            var x = new Cell<long>(0, "a_long_name_that_nobody_can_break");
            Action add = () =>
            {
                x.FetchAdd(1_000_000_000, Order.Release);
                x.LoadAcquire();
            };
            Execution.Run([.. Enumerable.Repeat(add, threads)]);
            Execution.Assert(x.ReadOnce() == 0, "a rule that takes a good many words to say what it wants, and then some more");
        },
        new ExplorationOptions { ExecutionsMax = 1 }).Violation!;
}
