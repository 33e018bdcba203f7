using System.Globalization;
using System.Reflection;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Checkpoints;

/// <summary>What must be the same for an exploration to be continued.</summary>
internal static class Identity
{
    /// <summary>
    /// Names the body and the builds of all that runs it. A module's version is a hash of what was compiled, the same on every
    /// machine.
    /// </summary>
    public static string OfCode(Action body) => string.Join(' ',
        Version(typeof(Explorer).Module),
        Version(typeof(Execution).Module),
        Version(body.Method.Module),
        $"{body.Method.DeclaringType?.FullName}.{body.Method.Name}");

    /// <summary>What bounds the exploration, but for the budgets that end it.</summary>
    public static string[] OfBounds(ExplorationOptions options)
    {
        var bounds = new List<string>
        {
            $"strategy={options.Strategy}",
            $"memory={options.Memory}",
            Named("steps", options.StepsMax),
            Named("spurious", options.SpuriousPerThread),
            $"keep-going={!options.StopAtFirst}",
            $"blocked={options.AllowBlocked}",
            $"fault={options.Fault}",
        };
        if (options.Strategy is StrategyKind.Random or StrategyKind.Pct)
        {
            bounds.Add(string.Create(CultureInfo.InvariantCulture, $"seed={options.Seed}"));
            bounds.Add(Named("workers", options.Workers));
        }

        if (options.Strategy == StrategyKind.Pct)
            bounds.Add(Named("depth", options.Depth));
        if (options.Strategy == StrategyKind.Dfs)
            bounds.Add(Named("preemptions", options.PreemptionsMax ?? -1));
        return [.. bounds];
    }

    private static string Named(string name, int value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}");

    private static string Version(Module module) => module.ModuleVersionId.ToString("N", CultureInfo.InvariantCulture);
}
