using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Guests;

/// <summary>
/// An assembly that is not the tool's, with what it brings: alternatives, each a row of the matrix, and scenarios. It must be built against
/// the RcuModel that the tool is, which is found out before anything of it runs.
/// </summary>
internal sealed class Guest
{
    private const string OwnPrefix = "RcuModel.";

    private Guest(Assembly assembly, GuestTypes types)
    {
        Version = assembly.ManifestModule.ModuleVersionId;
        Alternatives = types.Alternatives;
        Scenarios = types.Scenarios;
        MatrixScenarios = types.MatrixScenarios;
    }

    /// <summary>A hash of what was compiled.</summary>
    public Guid Version { get; }

    /// <summary>Its alternatives.</summary>
    public IReadOnlyList<Alternative> Alternatives { get; }

    /// <summary>Its scenarios that have a body of their own.</summary>
    public IReadOnlyList<Scenario> Scenarios { get; }

    /// <summary>Its scenarios that alternatives are compared with.</summary>
    public IReadOnlyList<MatrixScenario> MatrixScenarios { get; }

    /// <summary>Loads one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UsageException">It cannot be used, with the reason in one line.</exception>
    public static Guest Load(string path)
    {
        try
        {
            Assembly assembly = Open(path);
            CheckReferences(path, assembly);
            Resolve(path, assembly.ManifestModule);
            var found = new GuestTypes(path);
            found.Read(assembly.GetTypes());
            return new Guest(assembly, found);
        }
        catch (ReflectionTypeLoadException misfit)
        {
            throw Misfit(path, misfit.LoaderExceptions.FirstOrDefault(static e => e is not null) ?? misfit);
        }
        catch (Exception misfit) when (misfit is TypeLoadException or MissingMemberException or FileNotFoundException or FileLoadException
            or BadImageFormatException or InvalidProgramException)
        {
            throw Misfit(path, misfit);
        }
    }

    private static Assembly Open(string path)
    {
        if (Directory.Exists(path))
            throw Refused(path, "is a folder, not an assembly");
        if (!File.Exists(path))
            throw Refused(path, "does not exist");
        string full = Path.GetFullPath(path);
        try
        {
            AssemblyName name = AssemblyName.GetAssemblyName(full);
            return IsOwn(name)
                ? throw Refused(path, "is a part of rcumodel itself, and what it has is there already")
                : new GuestContext(full).LoadFromAssemblyPath(full);
        }
        catch (BadImageFormatException)
        {
            throw Refused(path, "is not a .NET assembly that can be run");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Refused(path, $"cannot be read: {InOneLine(failure.Message)}");
        }
    }

    private static void CheckReferences(string path, Assembly assembly)
    {
        AssemblyName[] references = [.. assembly.GetReferencedAssemblies().Where(IsOwn)];
        if (references.Length == 0)
            throw Refused(path, "does not use RcuModel, so there is nothing in it to explore");
        foreach (AssemblyName reference in references)
        {
            Version own = Assembly.Load(new AssemblyName(reference.Name!)).GetName().Version!;
            if (own != reference.Version)
            {
                throw Refused(
                    path, $"is built against {reference.Name} {reference.Version?.ToString(3)}, and this tool is {own.ToString(3)}; build it again");
            }
        }
    }

    private static bool IsOwn(AssemblyName name) => name.Name!.StartsWith(OwnPrefix, StringComparison.Ordinal) && GuestContext.IsOfTheTool(name);

    // Of another build with the same version something may be missing, which would otherwise be found out in the middle of an exploration.
    // What depends on type parameters cannot be asked for without them.
    private static void Resolve(string path, Module module)
    {
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader metadata = file.GetMetadataReader();
        foreach (TypeReferenceHandle type in metadata.TypeReferences)
            module.ResolveType(MetadataTokens.GetToken(type));
        foreach (MemberReferenceHandle member in metadata.MemberReferences)
        {
            if (metadata.GetMemberReference(member).Parent.Kind == HandleKind.TypeReference)
                module.ResolveMember(MetadataTokens.GetToken(member));
        }
    }

    private static UsageException Misfit(string path, Exception misfit) => misfit is FileNotFoundException { FileName: { } missing }
        ? Refused(path, $"needs {new AssemblyName(missing).Name}, which is not beside it")
        : Refused(path, string.Create(CultureInfo.InvariantCulture, $"does not fit this build of rcumodel: {InOneLine(misfit.Message)}"));

    /// <summary>What is wrong with it, as a user's mistake.</summary>
    public static UsageException Refused(string path, string why) => new($"{Choices.AssemblyName}: {path} {why}");

    /// <summary>What somebody else's code has to say, without its lines.</summary>
    public static string InOneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
