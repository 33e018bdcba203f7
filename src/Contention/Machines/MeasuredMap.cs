using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>A reverse map that counts what its walks had to do, each thread for itself, and otherwise does what the other one does.</summary>
internal sealed class MeasuredMap(IReverseMap map) : IReverseMap, IDisposable
{
    private readonly ThreadLocal<WalkTally> _tallies = new(static () => new WalkTally(), trackAllValues: true);

    public string Name => map.Name;

    public bool LooksUpVmas => map.LooksUpVmas;

    public bool OutranksFiles => map.OutranksFiles;

    /// <summary>What all threads have counted, and counts from 0 again. For a moment when nobody walks.</summary>
    public WalkTally Take()
    {
        var sum = new WalkTally();
        foreach (WalkTally tally in _tallies.Values)
        {
            sum.Add(tally);
            tally.Clear();
        }

        return sum;
    }

    public void Dispose()
    {
        (map as IDisposable)?.Dispose();
        _tallies.Dispose();
    }

    public SharedObject HoldShared(Vma vma) => map.HoldShared(vma);

    public void WalkShared(SharedObject held, MmStruct mm, long page, long index, bool inForks, Folio folio, RmapWalk walk) =>
        map.WalkShared(held, mm, page, index, inForks, folio, walk);

    public bool CouldFind(Folio folio, Vma vma, long page) => map.CouldFind(folio, vma, page);

    public void LockAll(MmStruct mm) => map.LockAll(mm);

    public void UnlockAll(MmStruct mm) => map.UnlockAll(mm);

    public void Collect(Folio folio, CollectWalk walk) => map.Collect(folio, walk);

    public void Walk(Folio folio, RmapWalk walk)
    {
        map.Walk(folio, walk);
        _tallies.Value!.Add(walk);
    }

    public void Start(MmSystem system) => map.Start(system);

    public bool MmCreated(MmStruct mm) => map.MmCreated(mm);

    public void MmGone(MmStruct mm) => map.MmGone(mm);

    public void MmEmptied(MmStruct mm) => map.MmEmptied(mm);

    public void ForkBegins(MmStruct child, MmStruct parent) => map.ForkBegins(child, parent);

    public void ForkEnds(MmStruct child, MmStruct parent) => map.ForkEnds(child, parent);

    public bool Prepare(Vma vma) => map.Prepare(vma);

    public bool Clone(Vma to, Vma from, CloneReason reason) => map.Clone(to, from, reason);

    public bool Fork(Vma child, Vma parent) => map.Fork(child, parent);

    public void UnmapBegins(MmStruct mm, IReadOnlyList<Vma> vmas) => map.UnmapBegins(mm, vmas);

    public void UnmapEnds(MmStruct mm) => map.UnmapEnds(mm);

    public void Unlink(Vma vma) => map.Unlink(vma);

    public void Unmapped(Vma vma, long start, long end) => map.Unmapped(vma, start, end);

    public bool IsForkChild(Vma vma) => map.IsForkChild(vma);

    public void BeginAdjust(Vma vma, Vma? other) => map.BeginAdjust(vma, other);

    public void EndAdjust(Vma vma, Vma? other) => map.EndAdjust(vma, other);

    public bool MoveNeedsLock(Vma to, Vma from, bool merged) => map.MoveNeedsLock(to, from, merged);

    public void LockForMove(Vma from, Vma to) => map.LockForMove(from, to);

    public void UnlockAfterMove(Vma vma) => map.UnlockAfterMove(vma);

    public void LockForCollapse(Vma vma, long start, long end) => map.LockForCollapse(vma, start, end);

    public void UnlockAfterCollapse(Vma vma) => map.UnlockAfterCollapse(vma);

    public void LockForSplit(SharedObject held) => map.LockForSplit(held);

    public void UnlockAfterSplit(SharedObject held) => map.UnlockAfterSplit(held);

    public void SetAnon(Folio folio, Vma vma, long page, bool exclusive) => map.SetAnon(folio, vma, page, exclusive);

    public void MoveAnon(Folio folio, Vma vma) => map.MoveAnon(folio, vma);

    public void CheckAnon(Folio folio, Vma vma, long page) => map.CheckAnon(folio, vma, page);

    public void FolioReplaced(Folio folio, Folio by) => map.FolioReplaced(folio, by);

    public void FolioFreed(Folio folio) => map.FolioFreed(folio);

    public SharedObject? Hold(Folio folio) => map.Hold(folio);

    public void LetGo(SharedObject held) => map.LetGo(held);
}
