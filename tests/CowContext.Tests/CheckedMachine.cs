using RcuModel.Mm;
using RcuModel.Scripts;

namespace RcuModel.CowContexts.Tests;

/// <summary>Checks the machine at each dump.</summary>
internal sealed class CheckedMachine(ModelMachine machine) : IScriptMachine
{
    public Errno Execute(ScriptOperation operation) => machine.Execute(operation);

    public MmDump Dump()
    {
        Consistency.Check(machine);
        return machine.Dump();
    }

    public void Dispose()
    {
    }
}
