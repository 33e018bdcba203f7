namespace RcuModel.Scripts;

/// <summary>What an operation of a script does. The names are the words of the language, with a capital letter.</summary>
public enum ScriptVerb
{
    /// <summary>Maps private memory, anonymous or of the file, at a fixed address, replacing what is there.</summary>
    Mmap,

    /// <summary>Unmaps a range.</summary>
    Munmap,

    /// <summary>Moves a range to a fixed address, replacing what is there. Kernel: MREMAP_MAYMOVE | MREMAP_FIXED.</summary>
    Mremap,

    /// <summary>Moves the pages of a range and leaves the mapping. Kernel: mremap with MREMAP_DONTUNMAP as well.</summary>
    Dontunmap,

    /// <summary>Moves the pages of a range to where nothing is. Kernel: UFFDIO_MOVE, its target registered for that time only.</summary>
    Uffdmove,

    /// <summary>Grows or shrinks a mapping where it is. Kernel: mremap without MREMAP_MAYMOVE.</summary>
    Resize,

    /// <summary>Changes what may be done with a range.</summary>
    Mprotect,

    /// <summary>Stores to each page of a range, one after the other, up to the first that may not be written.</summary>
    Write,

    /// <summary>Loads from each page of a range, one after the other, up to the first that may not be read.</summary>
    Read,

    /// <summary>Gives advice for a range.</summary>
    Madvise,

    /// <summary>Makes a child.</summary>
    Fork,

    /// <summary>Ends a process.</summary>
    Exit,

    /// <summary>Prints what the structures look like. This and what follows belongs to no process.</summary>
    Dump,

    /// <summary>Says which sizes folios of memory have that was advised to be huge; until then it is that of a page table.</summary>
    Thp,

    /// <summary>Has the shrinkers of the kernel run: folios that are partly unmapped are split.</summary>
    Shrink,

    /// <summary>Has KSM look for equal pages until nothing more is to be merged.</summary>
    Ksm,
}
