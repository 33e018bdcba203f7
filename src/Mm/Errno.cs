namespace RcuModel.Mm;

/// <summary>How an operation ended. The numbers are Linux's.</summary>
public enum Errno
{
    /// <summary>It succeeded.</summary>
    None = 0,

    /// <summary>Not permitted.</summary>
    EPERM = 1,

    /// <summary>Not there.</summary>
    ENOENT = 2,

    /// <summary>A signal came in between.</summary>
    EINTR = 4,

    /// <summary>A page could not be read back.</summary>
    EIO = 5,

    /// <summary>Try again.</summary>
    EAGAIN = 11,

    /// <summary>Out of memory, or a part of the range is not mapped.</summary>
    ENOMEM = 12,

    /// <summary>Permission denied.</summary>
    EACCES = 13,

    /// <summary>Bad address: the access would be a segmentation fault.</summary>
    EFAULT = 14,

    /// <summary>In use.</summary>
    EBUSY = 16,

    /// <summary>There already.</summary>
    EEXIST = 17,

    /// <summary>Invalid argument.</summary>
    EINVAL = 22,

    /// <summary>The page has failed: the access would be a bus error. Kernel: VM_FAULT_HWPOISON.</summary>
    EHWPOISON = 133,
}
