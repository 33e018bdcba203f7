using RcuModel.Bench;

// BenchmarkDotNet measures one thread at a time; what happens between threads has a harness of its own.
const string Usage = """
    Usage: dotnet run -c Release --project bench -- <verb> [options]

      cells [options]      each cell operation beside the bare Volatile or Interlocked one   (BenchmarkDotNet)
      spinlocks [options]  lock and unlock without contention                                (BenchmarkDotNet)
      sleeping [options]   the same for locks whose waiters sleep                            (BenchmarkDotNet)
      counts [options]     sequence counters, reference counts and VMA locks, uncontended    (BenchmarkDotNet)
      ranges [options]     ranges of each kind of lock, without contention                   (BenchmarkDotNet)
      rcu-reads [options]  a reader of each flavour of RCU                                   (BenchmarkDotNet)
      structures [options] interval tree and maple tree beside sorted collections            (BenchmarkDotNet)
      designs [options]    walk, fork, exit, faults, unmap and remap with each reverse map   (BenchmarkDotNet, 5 min)
      rcu [grace periods]  readers, grace periods and callbacks of RCU beside liburcu        (2000 a figure, 1 min)
      locks [seconds]      locks under 1 to 16 threads: throughput, fairness, waits           (0.5 s a figure)

      range-locks [seconds] disjoint and random ranges under 1 to 16 threads, beside a rwsem (0.2 s a figure, 1 min)

      forks [processes [pages]]
                           a tree of forks: building, memory, walks, and its end                (10000 100, 1 min)

      explorer [repeats]   executions a second, and the cost of a step without a hand-off
      coyote [seconds [part of a name]]
                           the explorer and Coyote side by side, the tables of docs/coyote.md   (2 s a search, 15 min)
      memory               resident memory over ten million executions
      handoff [repeats]    what it costs to go from one thread to another, by the mode     (9 repeats, 45 s)

      ratios designs       the same for designs                                              (for a machine in use, 1 min)
      ratios cells|spinlocks|sleeping|counts|structures|ranges|rcu-reads [part of a name]
                           the same benchmarks in short turns, the fastest turn of each      (for a machine in use)

    Options of BenchmarkDotNet are passed on, such as --filter '*FetchAdd*'. Machine code: set DOTNET_JitDisasm to the
    names of methods, such as Cell_FetchAdd.
    """;

switch (args)
{
    case ["cells", .. var options]:
        return Suite.Run(typeof(CellBenchmarks), options);
    case ["spinlocks", .. var options]:
        return Suite.Run(typeof(SpinlockBenchmarks), options);
    case ["sleeping", .. var options]:
        return Suite.Run(typeof(SleepingLockBenchmarks), options);
    case ["counts", .. var options]:
        return Suite.Run(typeof(CountBenchmarks), options);
    case ["ranges", .. var options]:
        return Suite.Run(typeof(RangeLockBenchmarks), options);
    case ["range-locks", .. var options]:
        return RangeContention.Run(options);
    case ["rcu-reads", .. var options]:
        return Suite.Run(typeof(RcuBenchmarks), options);
    case ["structures", .. var options]:
        return Suite.Run(typeof(StructureBenchmarks), options);
    case ["designs", .. var options]:
        return Suite.Run(typeof(DesignBenchmarks), options, new DesignRatioColumn());
    case ["rcu", .. var options]:
        return RcuHarness.Run(options);
    case ["locks", .. var options]:
        return LockContention.Run(options);
    case ["forks", .. var options]:
        return ForkTree.Run(options);
    case ["explorer", .. var options]:
        Control.Open();
        return ExplorerRates.Run(options);
    case ["coyote", .. var options]:
        Control.Open();
        return CoyoteComparison.Run(options);
    case ["memory"]:
        Control.Open();
        return ExplorerRates.RunMemory();
    case ["handoff", .. var options]:
        return HandoffCosts.Run(options);
    case ["ratios", "designs"]:
        return DesignRatios.Run();
    case ["ratios", "cells", .. var options]:
        return Ratios.Run(typeof(CellBenchmarks), options);
    case ["ratios", "spinlocks", .. var options]:
        return Ratios.Run(typeof(SpinlockBenchmarks), options);
    case ["ratios", "sleeping", .. var options]:
        return Ratios.Run(typeof(SleepingLockBenchmarks), options);
    case ["ratios", "counts", .. var options]:
        return Ratios.Run(typeof(CountBenchmarks), options);
    case ["ratios", "ranges", .. var options]:
        return Ratios.Run(typeof(RangeLockBenchmarks), options);
    case ["ratios", "rcu-reads", .. var options]:
        return Ratios.Run(typeof(RcuBenchmarks), options);
    case ["ratios", "structures", .. var options]:
        return Ratios.Run(typeof(StructureBenchmarks), options);
    default:
        Console.Error.WriteLine(Usage);
        return args is ["--help" or "-h" or "-?"] ? 0 : 1;
}
