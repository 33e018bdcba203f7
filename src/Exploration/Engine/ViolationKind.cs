namespace RcuModel.Exploration;

/// <summary>What can be wrong with an execution.</summary>
public enum ViolationKind
{
    /// <summary>An assertion of the body does not hold.</summary>
    AssertionFailed,

    /// <summary>The body threw.</summary>
    UnhandledException,

    /// <summary>Threads wait for one another in a ring.</summary>
    Deadlock,

    /// <summary>A thread waits for something that never comes.</summary>
    AwaitNeverSatisfied,

    /// <summary>What a thread waits for was there while it waited, and is gone.</summary>
    LostWakeup,

    /// <summary>Threads go on for ever although every one of them gets its turn.</summary>
    Livelock,

    /// <summary>Two plain accesses, or a plain one and the end of an object's life, that nothing orders.</summary>
    DataRace,

    /// <summary>An access to an object that has been freed, or may have been.</summary>
    UseAfterFree,

    /// <summary>An object was freed twice.</summary>
    DoubleFree,

    /// <summary>An object that must be freed was not.</summary>
    Leak,

    /// <summary>A lock was released that was not held so.</summary>
    UnbalancedRelease,

    /// <summary>RCU is used wrongly: a grace period inside a reader, a reader ended twice or never.</summary>
    RcuUsage,

    /// <summary>The body does not do the same thing when it is run the same way.</summary>
    Nondeterminism,

    /// <summary>The body runs threads that touch no shared memory the explorer can see.</summary>
    NotInstrumented,

    /// <summary>A state that must be reachable is reached by no execution.</summary>
    NotReached,
}
