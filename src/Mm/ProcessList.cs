using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// All processes of a machine, for readers of its RCU. One that is being forked is not in it until its address space is complete, and one that is
/// torn down is not any more. Kernel: init_task.tasks with tasklist_lock.
/// </summary>
internal sealed class ProcessList : SharedObject
{
    private readonly MmSystem _system;
    private readonly GrainSpinlock _lock;
    private readonly RcuList _list;

    internal ProcessList(MmSystem system)
        : base("tasklist")
    {
        _system = system;
        _lock = new GrainSpinlock(this, "tasklist_lock", system.Config.Grain);
        _list = new RcuList(this, "tasks");
    }

    /// <summary>The address spaces of all, for a reader of the machine's RCU. Kernel: for_each_process().</summary>
    public IEnumerable<MmStruct> AddressSpaces
    {
        get
        {
            for (RcuListNode? node = _list.First(); node is not null; node = _list.Next(node))
                yield return ((Process)node.Owner).Mm;
        }
    }

    /// <summary>A process begins. Kernel: the end of copy_process().</summary>
    /// <param name="mm">Its address space.</param>
    public void Add(MmStruct mm)
    {
        mm.Process = new Process(mm);
        _lock.Lock();
        _list.AddLast(mm.Process.Node);
        _lock.Unlock();
    }

    /// <summary>A process has no address space any more. Kernel: exit_mm(), __unhash_process().</summary>
    /// <param name="mm">What it had.</param>
    public void Remove(MmStruct mm)
    {
        if (mm.Process is not { } process)
            return;
        mm.Process = null;
        _lock.Lock();
        RcuList.Remove(process.Node);
        _lock.Unlock();
        _system.Rcu.Free(process);
    }
}
