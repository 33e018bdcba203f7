using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>A semaphore taken for reading by a walk, which may rather give up than wait.</summary>
internal static class ReadLock
{
    public static bool Take(GrainRwsem rwsem, RmapWalk walk)
    {
        if (rwsem.TryDownRead())
            return true;
        if (walk.TryLock)
        {
            walk.GiveUp();
            return false;
        }

        rwsem.DownRead();
        return true;
    }
}
