namespace RcuModel.Mm;

/// <summary>What folio->mapping is when it points to a file, with no low bit set.</summary>
public sealed class FileMapping : FolioMapping
{
    internal FileMapping(MappedFile file) => File = file;

    /// <summary>The file. Kernel: folio_mapping().</summary>
    public MappedFile File { get; }

    /// <inheritdoc/>
    public override bool IsAnon => false;

    /// <inheritdoc/>
    public override string ToString() => File.Name;
}
