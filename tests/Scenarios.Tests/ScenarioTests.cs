using RcuModel.Exploration;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Tests;

/// <summary>Every scenario of the catalogue is what it claims to be: its count, its verdict, what it reaches, its faults.</summary>
public sealed class ScenarioTests
{
    // The largest programs of the catalogue are a second or a minute each, on a machine that runs other tests too.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    // What takes most of a minute alone, or minutes, is checked by hand.
    public static TheoryData<string> Counted => Names(static s => s.Executions is <= 500_000 && s.Group != Scenario.LongGroup);

    // What takes most of a minute takes it once: specification locks and plain fields know nothing of buffers. Nor do most models of memory
    // management, of which those are looked at where it makes a difference.
    public static TheoryData<string> CountedTso => Names(
        static s => s.ExecutionsTso is <= 100_000 && s.Group != Scenario.LongGroup && !(s.IsLargeModel && s.ExecutionsTso == s.Executions));

    public static TheoryData<string> Broken => Names(static s => s.MustFail);

    public static TheoryData<string, string> Faults
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (Scenario scenario in Catalogue.All)
            {
                foreach (Fault fault in scenario.Faults)
                    data.Add(scenario.Name, fault.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Counted))]
    public void NeedsExactlyAsManyExecutionsAsItHasClasses(string name)
    {
        Scenario scenario = Find(name);
        ExplorationResult result = Explore(scenario);
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Equal(scenario.Executions, result.Executions);
        Assert.Equal(scenario.Blocked, result.Blocked);
        Assert.Equal(0, result.Redundant);
    }

    [Theory]
    [MemberData(nameof(CountedTso))]
    public void NeedsExactlyAsManyWithStoreBuffers(string name)
    {
        Scenario scenario = Find(name);
        ExplorationResult result = Explorer.Explore(scenario.Body, new ExplorationOptions
        {
            Memory = MemoryModel.Tso,
            MustReach = [.. scenario.MustReach, .. scenario.MustReachTso],
            AllowBlocked = scenario.Blocked > 0,
            StopAtFirst = false,
            StepsMax = scenario.StepsMax ?? new ExplorationOptions().StepsMax,
            TimeMax = s_patience,
        });
        Assert.Null(result.Bound);
        Assert.Equal(scenario.MustFailTso ? Verdict.Violated : Verdict.Verified, result.Verdict);
        Assert.Equal(scenario.ExecutionsTso, result.Executions);
        Assert.Equal(scenario.Blocked, result.Blocked);
        Assert.Equal(0, result.Redundant);
    }

    /// <remarks>Of what is checked only when it is named some has not been seen to end.</remarks>
    [Fact]
    public void WhatDoesNotFailHasACount() => Assert.All(
        Catalogue.All, static s => Assert.True(s.MustFail || s.Executions is not null || s.Group == Scenario.LongGroup, s.Name));

    [Theory]
    [MemberData(nameof(Broken))]
    public void IsCaught(string name) => Assert.Equal(Verdict.Violated, Explore(Find(name)).Verdict);

    [Theory]
    [MemberData(nameof(Faults))]
    public void FaultIsFound(string name, string fault)
    {
        Scenario scenario = Find(name);
        Fault seeded = scenario.Faults.Single(f => string.Equals(f.Name, fault, StringComparison.Ordinal));
        ExplorationResult result = Explore(scenario, seeded, seeded.OnlyWithStoreBuffers ? MemoryModel.Tso : MemoryModel.Sc);
        Assert.True(result.Verdict == Verdict.Violated, $"{fault} in {name}: {result}");

        // Or it would not be needed that somebody looks with store buffers.
        if (seeded.OnlyWithStoreBuffers)
            Assert.Equal(Verdict.Verified, Explore(scenario, seeded).Verdict);
    }

    private static ExplorationResult Explore(
        Scenario scenario, Fault? fault = null, MemoryModel memory = MemoryModel.Sc) => Explorer.Explore(
        scenario.Body,
        new ExplorationOptions
        {
            MustReach = scenario.MustReach,
            AllowBlocked = scenario.Blocked > 0,
            Fault = fault,
            Memory = memory,
            StepsMax = scenario.StepsMax ?? new ExplorationOptions().StepsMax,
            TimeMax = s_patience,
        });

    private static Scenario Find(string name) =>
        Catalogue.All.Single(s => string.Equals(s.Name, name, StringComparison.Ordinal));

    private static TheoryData<string> Names(Func<Scenario, bool> wanted)
    {
        var data = new TheoryData<string>();
        foreach (Scenario scenario in Catalogue.All.Where(wanted))
            data.Add(scenario.Name);
        return data;
    }
}
