using RcuModel.Mm;

namespace RcuModel.Scripts;

/// <summary>Has a machine execute a script, and prints what there is to tell in the form in which the kernel's runner does.</summary>
public static class ScriptRunner
{
    /// <summary>Executes the script on a machine that has executed nothing yet.</summary>
    /// <param name="script">The script.</param>
    /// <param name="machine">Who executes it.</param>
    /// <param name="output">Where failures and dumps are printed as they come; null for nowhere.</param>
    /// <exception cref="ScriptException">It uses a process that does not exist because its fork failed.</exception>
    public static ScriptResult Run(MmScript script, IScriptMachine machine, TextWriter? output = null)
    {
        var events = new List<ScriptEvent>();
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        var unborn = new Dictionary<string, ScriptEvent>(StringComparer.Ordinal);
        foreach (ScriptOperation operation in script.Operations)
        {
            if (unborn.TryGetValue(operation.Process, out ScriptEvent? failure))
            {
                throw new ScriptException(
                    $"{script.Name}:{operation.Line}:1: '{operation.Process}' does not exist: "
                    + $"its fork on line {failure.Operation.Line} failed with {failure.Error}");
            }

            var happened = operation.Verb == ScriptVerb.Dump
                ? new ScriptEvent(operation, Errno.None, machine.Dump())
                : new ScriptEvent(operation, machine.Execute(operation), null);
            if (operation.Verb == ScriptVerb.Fork)
            {
                if (happened.Error == Errno.None)
                    parents.Add(operation.Child, operation.Process);
                else
                    unborn.Add(operation.Child, happened);
            }

            if (happened.Error == Errno.None && happened.Dump is null)
                continue;
            events.Add(happened);
            output?.Write(happened.ToString());
        }

        return new ScriptResult(events, parents);
    }
}
