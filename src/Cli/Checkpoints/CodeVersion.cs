using System.Globalization;
using RcuModel.AnonVmas;
using RcuModel.CowContexts;
using RcuModel.Exploration;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios;
using RcuModel.Stabilisation;

namespace RcuModel.Cli.Checkpoints;

/// <summary>What code an exploration is of: what was found with other code, or is half explored, says nothing of this.</summary>
internal static class CodeVersion
{
    // An assembly is not compiled again when one that it uses has changed inside only, so each of them counts.
    private static readonly Type[] s_types =
    [
        typeof(Execution), typeof(Explorer), typeof(MmSystem), typeof(AnonVmaMap), typeof(CowContextMap), typeof(Stabilisations), typeof(Catalogue),
        typeof(CodeVersion),
    ];

    /// <summary>In a word for each assembly.</summary>
    /// <param name="guests">What the code is that is not the tool's.</param>
    public static string Of(IEnumerable<Guid> guests) => string.Join(' ', s_types.Select(static type => type.Module.ModuleVersionId).Concat(guests)
        .Select(static version => version.ToString("N", CultureInfo.InvariantCulture)));
}
