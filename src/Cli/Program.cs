using RcuModel.Cli;
using RcuModel.Primitives;

// Before anything else: the runtime asks this switch once, when the first cell is touched.
AppContext.SetSwitch(Hook.SwitchName, Tool.Explores(args));
return Tool.RunHere(args);
