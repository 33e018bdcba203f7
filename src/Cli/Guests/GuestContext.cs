using System.Reflection;
using System.Runtime.Loader;

namespace RcuModel.Cli.Guests;

/// <summary>
/// Where an assembly is loaded that is not the tool's. What the tool has too is the tool's own, whatever lies beside the assembly: a copy of
/// RcuModel would be other types by the same names. Everything else is looked for beside it.
/// </summary>
internal sealed class GuestContext(string path) : AssemblyLoadContext(path)
{
    /// <summary>Whether the tool has an assembly of this name.</summary>
    public static bool IsOfTheTool(AssemblyName name) =>
        (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator)
            .Any(file => Path.GetFileNameWithoutExtension(file.AsSpan()).SequenceEqual(name.Name));

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string beside = Path.Combine(Path.GetDirectoryName(Name)!, $"{assemblyName.Name}.dll");
        return IsOfTheTool(assemblyName) || !File.Exists(beside) ? null : LoadFromAssemblyPath(beside);
    }
}
