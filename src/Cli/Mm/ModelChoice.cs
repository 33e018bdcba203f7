using System.CommandLine;
using RcuModel.Cli.Selecting;
using RcuModel.Mm;
using RcuModel.Scripts;

namespace RcuModel.Cli.Mm;

/// <summary>Which model executes scripts: the design of its reverse map, and the version of Linux whose rules it keeps.</summary>
internal sealed class ModelChoice
{
    private readonly Option<string?> _design = new("--design")
    {
        Description = $"The design of the reverse map: {string.Join(", ", ModelDesign.Names)}. {ModelDesign.Names[0]} unless given.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _rules = new("--rules")
    {
        Description = $"The version of Linux: {string.Join(", ", KernelRules.All.Select(static rules => rules.Name))}. {KernelRules.All[0].Name} unless given.",
        HelpName = "VERSION",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Options.Add(_design);
        verb.Options.Add(_rules);
    }

    /// <summary>Makes machines that have executed nothing yet.</summary>
    /// <exception cref="UsageException">There is no such design, or no such version.</exception>
    public Func<IScriptMachine> MachinesOf(ParseResult line)
    {
        string design = line.GetValue(_design) ?? ModelDesign.Names[0];
        string version = line.GetValue(_rules) ?? KernelRules.All[0].Name;
        if (!ModelDesign.Names.Contains(design, StringComparer.Ordinal))
            throw new UsageException($"--design knows nothing called \"{design}\"{Nearest.Hint(design, ModelDesign.Names, "docs/mm-scripts.md has them all")}");
        KernelRules rules = KernelRules.All.FirstOrDefault(rules => rules.Name == version)
            ?? throw new UsageException($"--rules takes {string.Join(", ", KernelRules.All.Select(static rules => rules.Name))}, not \"{version}\"");
        return () => new ModelMachine(ModelDesign.Create(design)!, rules);
    }
}
