using System.CommandLine;
using RcuModel.Cli.Selecting;
using RcuModel.Torture;

namespace RcuModel.Cli.Torture;

/// <summary><c>--torture-type</c>: which of several things is tortured.</summary>
/// <param name="all">What there is.</param>
/// <param name="usual">The one tortured unless another is named.</param>
internal sealed class TortureTypeOption<T>(IReadOnlyList<T> all, T usual)
    where T : TortureType
{
    public Option<string?> Option { get; } = Create(all, usual);

    public T Of(ParseResult line)
    {
        if (line.GetValue(Option) is not { } name)
            return usual;
        return all.FirstOrDefault(type => type.Name == name) ?? throw new UsageException(
            $"no torture type is called \"{name}\""
            + Nearest.Hint(name, all.Select(static type => type.Name), $"there are {string.Join(", ", all)}"));
    }

    private static Option<string?> Create(IReadOnlyList<T> all, T usual)
    {
        var option = new Option<string?>("--torture-type")
        {
            Description = $"{usual} unless given. "
                + $"Sound: {Names(all, isBroken: false)}. Broken on purpose, to be caught: {Names(all, isBroken: true)}.",
            HelpName = "TYPE",
        };
        option.CompletionSources.Add([.. all.Select(static type => type.Name)]);
        return option;
    }

    private static string Names(IReadOnlyList<T> all, bool isBroken) => string.Join(
        ", ", all.Where(type => type.IsBroken == isBroken).Select(static type => $"{type} ({type.Summary})"));
}
