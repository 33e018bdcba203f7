using RcuModel.Mm;

namespace RcuModel.Scripts;

/// <summary>
/// What executes a script: a model of memory management that begins with one process, p0, without mappings. One caller at a
/// time.
/// </summary>
public interface IScriptMachine : IDisposable
{
    /// <summary>
    /// Executes one operation, which is no dump and whose process, if it has one, lives. Every page of its ranges is below
    /// <see cref="ScriptOperation.PageLimit"/>; nothing else has been checked, lengths of zero included.
    /// </summary>
    /// <returns>Why it failed. A fork that fails makes no process.</returns>
    Errno Execute(ScriptOperation operation);

    /// <summary>What the structures look like now.</summary>
    MmDump Dump();
}
