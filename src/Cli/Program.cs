using RcuModel.Cli;
using RcuModel.Primitives;

// Before anything else: the runtime asks this switch once, when the first cell is touched.
AppContext.SetSwitch(Hook.SwitchName, Tool.Explores(args));

// Likewise, when the first lock is made.
AppContext.SetSwitch(Lockdep.SwitchName, args.Contains(Tool.LockdepOption, StringComparer.Ordinal));
AppContext.SetSwitch(Lockdep.StatSwitchName, Tool.MeasuresLocks(args));
return Tool.RunHere(args);
