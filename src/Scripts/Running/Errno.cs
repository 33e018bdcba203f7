namespace RcuModel.Scripts;

/// <summary>Why an operation failed: the errors that memory system calls give. Names and values are the kernel's.</summary>
public enum Errno
{
    /// <summary>It did not fail.</summary>
    None = 0,

    /// <summary>Not permitted: the mapping is sealed or its kind does not allow it.</summary>
    EPERM = 1,

    /// <summary>A signal came in between.</summary>
    EINTR = 4,

    /// <summary>A page could not be read back.</summary>
    EIO = 5,

    /// <summary>Another attempt may succeed.</summary>
    EAGAIN = 11,

    /// <summary>No memory, too many mappings, or nothing mapped in part of the range.</summary>
    ENOMEM = 12,

    /// <summary>The kind of mapping does not allow the protection.</summary>
    EACCES = 13,

    /// <summary>An access that would be a segmentation fault, or a range that is not mapped.</summary>
    EFAULT = 14,

    /// <summary>What would be changed is in use.</summary>
    EBUSY = 16,

    /// <summary>Something is mapped there already.</summary>
    EEXIST = 17,

    /// <summary>The arguments make no sense, or no sense for this mapping.</summary>
    EINVAL = 22,
}
