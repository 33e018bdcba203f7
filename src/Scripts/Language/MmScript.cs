namespace RcuModel.Scripts;

/// <summary>A script: operations, one after the other. The process p0 exists at the start.</summary>
/// <param name="Operations">What is done.</param>
/// <param name="Name">What messages call it, such as the name of its file.</param>
public sealed record MmScript(IReadOnlyList<ScriptOperation> Operations, string Name = "script")
{
    /// <summary>The process that exists at the start.</summary>
    public const string FirstProcess = "p0";

    /// <summary>The script from operations alone, which get the numbers of the lines in which <see cref="ToString"/> has them.</summary>
    public static MmScript Of(IEnumerable<ScriptOperation> operations, string name = "script") =>
        new([.. operations.Select(static (operation, i) => operation with { Line = i + 1 })], name);

    /// <summary>The operations as text, one a line, comments and empty lines left out.</summary>
    public override string ToString() => string.Concat(Operations.Select(static operation => $"{operation}\n"));
}
