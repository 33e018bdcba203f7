namespace RcuModel.Scripts;

/// <summary>What may be done with a mapping. The values are the kernel's PROT_* and VM_*.</summary>
[Flags]
public enum Protection
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It may be read.</summary>
    Read = 1,

    /// <summary>It may be written.</summary>
    Write = 2,

    /// <summary>It may be executed.</summary>
    Exec = 4,
}

/// <summary>How protections are written.</summary>
public static class ProtectionText
{
    /// <summary>As in a dump: three letters, a dash for each that is missing.</summary>
    public static string ToDump(this Protection protection) => string.Create(3, protection, static (text, protection) =>
    {
        text[0] = (protection & Protection.Read) != 0 ? 'r' : '-';
        text[1] = (protection & Protection.Write) != 0 ? 'w' : '-';
        text[2] = (protection & Protection.Exec) != 0 ? 'x' : '-';
    });

    /// <summary>As in a script: the letters, a dash if there is none.</summary>
    public static string ToScript(this Protection protection) =>
        protection == Protection.None ? "-" : protection.ToDump().Replace("-", "");
}
