namespace RcuModel.Stabilisation;

/// <summary>What <see cref="OptimisticWalk"/> would get wrong without one of its parts: models with one of these are there to be found out.</summary>
[Flags]
public enum OptimisticBugs
{
    /// <summary>The model as it should be.</summary>
    None = 0,

    /// <summary>That a VMA has the address still is not looked at when it has been locked.</summary>
    TrustsRange = 1 << 0,

    /// <summary>The number of a context is not looked at again when all places have been visited.</summary>
    LooksOnce = 1 << 1,

    /// <summary>A munmap is told of when it begins, as a move is, and not until it has ended.</summary>
    UnmapsAtOnce = 1 << 2,

    /// <summary>A child that is being made is walked like any other.</summary>
    MakesInTheOpen = 1 << 3,

    /// <summary>Who changes an mm does not look whether there are walks that have the semaphore.</summary>
    NeverLooksForWalks = 1 << 4,

    /// <summary>A walk that has the semaphore does not look whether there is a change that has not.</summary>
    NeverLooksForChanges = 1 << 5,
}
