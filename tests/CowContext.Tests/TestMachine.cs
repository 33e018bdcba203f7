using RcuModel.Mm;
using RcuModel.Scripts;
using RcuModel.Stabilisation;

namespace RcuModel.CowContexts.Tests;

/// <summary>A machine with the proposal, and what can be asked of it when nothing runs.</summary>
internal sealed class TestMachine : IDisposable
{
    private string _script = "";
    private int _executed;

    public TestMachine(KernelRules? rules = null) =>
        Machine = new ModelMachine(ModelDesign.Of(new CowContextMap(new RootLock())), rules ?? KernelRules.V6_18);

    public ModelMachine Machine { get; }

    public MmStruct this[string name] => Machine.Processes.Single(mm => mm.Name == name);

    /// <summary>Goes on with more lines, all of which succeed.</summary>
    public TestMachine Run(string script)
    {
        _script += script + "\n";
        IReadOnlyList<ScriptOperation> operations = ScriptParser.Parse(_script).Operations;
        foreach (ScriptOperation operation in operations.Skip(_executed))
            Assert.Equal(Errno.None, Machine.Execute(operation));
        _executed = operations.Count;
        return this;
    }

    public CowContext Context(string name) => CowContextMap.Of(this[name])!;

    public Folio Folio(string name, long page) => this[name].EntryOf(page)!.Folio!;

    /// <summary>What the remap table of a process says, such as "100-103 +256; 104-107 +4 +256".</summary>
    public string Remaps(string name) => string.Join(
        "; ", Context(name).Remaps.Ranges().Select(static range => $"{range.First}-{range.Last} {range.Entry}"));

    public EntryWalk Walk(Folio folio) => Consistency.Walk(Machine.System, folio);

    public void Check() => Consistency.Check(Machine);

    public void Dispose() => Machine.Dispose();
}
