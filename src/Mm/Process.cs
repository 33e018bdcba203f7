using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>A process, in the list of all. It goes a grace period after it has left that. Kernel: struct task_struct, of a thread group's leader.</summary>
internal sealed class Process : SharedObject
{
    internal Process(MmStruct mm)
        : base("task", mustFree: true)
    {
        Mm = mm;
        Node = new RcuListNode(this, "tasks");
    }

    /// <summary>Its address space; to be compared only, for its memory may be gone. Kernel: mm.</summary>
    public MmStruct Mm { get; }

    /// <summary>Its place in the list. Kernel: tasks.</summary>
    public RcuListNode Node { get; }
}
