using RcuModel.Torture.Locks;

namespace RcuModel.Torture.Tests;

/// <summary>What is sound survives; what is broken on purpose is caught.</summary>
public sealed class LockTortureTests
{
    public static TheoryData<string> Sound =>
        [.. LockTortureTypes.All.Where(static type => !type.IsBroken).Select(static type => type.Name)];

    /// <summary>All that let somebody in who must wait; the others have tests of their own.</summary>
    public static TheoryData<string> Broken =>
    [
        .. LockTortureTypes.All.Where(static type => type.IsBroken && type.Name is not ("mutex_busted" or "try_busted"))
            .Select(static type => type.Name),
    ];

    [Theory]
    [MemberData(nameof(Sound))]
    public void What_is_sound_survives(string type)
    {
        string[] wanted = type switch
        {
            "rwsem_lock" => ["writes", "tries", "reads", "downgrades"],
            "rw_lock" => ["writes", "tries", "reads"],
            _ => ["writes", "tries"],
        };
        (TortureResult result, string output) = Torturer.SurviveAndDo(() => Test(type), wanted);
        Assert.True(result.Outcome == TortureOutcome.Success, output);
        Assert.DoesNotContain("!!!", output, StringComparison.Ordinal);
        Assert.Matches($"{type}-torture: Writes:  Total: [1-9][0-9]*  Max/Min: [0-9]+/[0-9]+ (\\?\\?\\?)?  Fail: 0\n", output);
        Assert.Matches($"{type}-torture: Reads :  Total: [0-9]+  Max/Min: [0-9]+/[0-9]+ (\\?\\?\\?)?  Fail: 0\n", output);
        Assert.Contains($"{type}-torture:--- End of test: SUCCESS: nwriters_stress=", output, StringComparison.Ordinal);
        Dictionary<string, long> counters = new(result.Figures.Counters, StringComparer.Ordinal);
        Assert.NotEqual(0, counters["tries"]);
        Assert.Equal(type is "rw_lock" or "rwsem_lock", counters["reads"] != 0);
        Assert.Equal(type is "rwsem_lock", counters["downgrades"] != 0);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_broken_is_caught(string type)
    {
        (TortureResult result, string output) = Torturer.Catch(Test(type));
        Assert.True(result.Outcome == TortureOutcome.Failure, output);
        Assert.Contains($"{type}-torture: !!! {result.Errors[0]}", output, StringComparison.Ordinal);
        Assert.Matches($"{type}-torture: (Writes|Reads ):  .* Fail: [1-9][0-9]* !!!\n", output);
        Assert.Contains($"{type}-torture:--- End of test: FAILURE: nwriters_stress=", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_sleeps_for_ever_is_named()
    {
        (TortureResult result, string output) = Torturer.Hang(() => Test("mutex_busted"));
        Assert.True(result.Outcome == TortureOutcome.Failure, output);
        Assert.Matches("mutex_busted-torture: !!! writer [0-9]+ does not end\n", output);
    }

    [Fact]
    public void A_try_that_is_refused_though_the_lock_is_free_is_caught_at_the_end()
    {
        (TortureResult result, string output) = Torturer.Survive(Test("try_busted"), seconds: 0.1);
        Assert.Equal(["nobody is inside, and the lock is not free"], result.Errors);
        Assert.Contains("try_busted-torture:--- End of test: FAILURE: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Locks_are_nested_in_one_order()
    {
        (TortureResult result, string output) = Torturer.Survive(
            Test("spin_lock", new LockTortureOptions { NestedLocks = LockTortureOptions.NestedLocksMax, NWritersStress = 3 }),
            seconds: 0.2);
        Assert.True(result.Outcome == TortureOutcome.Success, output);
        Assert.Contains("nwriters_stress=3 nreaders_stress=0 long_hold=100 nested_locks=8 acq_writer_lim=0 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_writer_that_waits_for_longer_than_it_may_is_an_error()
    {
        (TortureResult result, string output) = Torturer.Catch(
            Test("spin_lock", new LockTortureOptions { AcqWriterLim = TimeSpan.FromTicks(1) }));
        Assert.Equal(["a writer has waited for longer than acq_writer_lim"], result.Errors);
        Assert.Matches(" Late: [1-9][0-9]*\n", output);
    }

    [Fact]
    public void With_readers_a_CPU_has_one_of_each_kind_and_two_writers_without()
    {
        int cpus = Environment.ProcessorCount;
        Assert.Equal(
            [(2 * cpus, 0), (cpus, cpus), (2 * cpus, 1), (3, 3), (0, 5)],
            [
                Threads("spin_lock", null, null), Threads("rw_lock", null, null), Threads("rw_lock", null, 1),
                Threads("rw_lock", 3, null), Threads("rw_lock", 0, 5),
            ]);
    }

    [Fact]
    public void Nobody_and_readers_of_a_lock_without_a_read_lock_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Test("spin_lock", new LockTortureOptions { NReadersStress = 1 }));
        Assert.Throws<ArgumentException>(() => Test("rw_lock", new LockTortureOptions { NWritersStress = 0 }));
    }

    [Theory]
    [InlineData(10, 5, 0, "Writes:  Total: 7  Max/Min: 10/5   Fail: 0")]
    [InlineData(11, 5, 0, "Writes:  Total: 7  Max/Min: 11/5   Fail: 0")]
    [InlineData(12, 5, 3, "Writes:  Total: 7  Max/Min: 12/5 ???  Fail: 3 !!!")]
    public void Whoever_has_less_than_half_of_what_another_has_is_treated_unfairly(long max, long min, long fail, string line)
    {
        var figures = new TortureFigures(
            [
                new("writes", 7), new("writesMax", max), new("writesMin", min), new("writesFail", fail),
                new("reads", 0), new("readsMax", 0), new("readsMin", 0), new("readsFail", 0),
                new("tries", 0), new("triesRefused", 0), new("downgrades", 0), new("writersLate", 0),
            ],
            []);
        Assert.Equal(line, Test("spin_lock").Describe(figures).First());
    }

    private static (int Writers, int Readers) Threads(string type, int? writers, int? readers)
    {
        Dictionary<string, string> parameters = new(
            Test(type, new LockTortureOptions { NWritersStress = writers, NReadersStress = readers }).Parameters,
            StringComparer.Ordinal);
        return (int.Parse(parameters["nwriters_stress"], null), int.Parse(parameters["nreaders_stress"], null));
    }

    private static LockTorture Test(string type, LockTortureOptions? options = null) =>
        new(LockTortureTypes.All.Single(candidate => candidate.Name == type), options ?? new LockTortureOptions());
}
