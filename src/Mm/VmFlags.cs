namespace RcuModel.Mm;

/// <summary>What a VMA allows, and what it has been advised.</summary>
/// <remarks>Kernel: VM_READ and its siblings of vm_flags.</remarks>
[Flags]
public enum VmFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Loads. Kernel: VM_READ.</summary>
    Read = 1,

    /// <summary>Stores. Kernel: VM_WRITE.</summary>
    Write = 2,

    /// <summary>Instruction fetches. Kernel: VM_EXEC.</summary>
    Exec = 4,

    /// <summary>Not in children. Kernel: VM_DONTCOPY.</summary>
    DontCopy = 1 << 4,

    /// <summary>Empty in children. Kernel: VM_WIPEONFORK.</summary>
    WipeOnFork = 1 << 5,

    /// <summary>Not in core dumps. Kernel: VM_DONTDUMP.</summary>
    DontDump = 1 << 6,

    /// <summary>Equal pages may be merged. Kernel: VM_MERGEABLE.</summary>
    Mergeable = 1 << 7,

    /// <summary>Huge pages wanted. Kernel: VM_HUGEPAGE.</summary>
    HugePage = 1 << 8,

    /// <summary>Huge pages not wanted. Kernel: VM_NOHUGEPAGE.</summary>
    NoHugePage = 1 << 9,

    /// <summary>A stack that exec has not put in place yet; migration leaves it alone. Kernel: VM_STACK_INCOMPLETE_SETUP.</summary>
    TemporaryStack = 1 << 10,

    /// <summary>Faults of missing pages are somebody's to resolve. Kernel: VM_UFFD_MISSING, and vm_userfaultfd_ctx.</summary>
    UserfaultMissing = 1 << 11,

    /// <summary>
    /// Huge pages of a file that all who map it write: each page stands for a huge one, and its page table, which they share where they can, for
    /// a table above the last level. Kernel: VM_HUGETLB with VM_SHARED.
    /// </summary>
    HugeTlb = 1 << 14,

    /// <summary>The three kinds of access. Kernel: VM_ACCESS_FLAGS.</summary>
    Access = Read | Write | Exec,
}
