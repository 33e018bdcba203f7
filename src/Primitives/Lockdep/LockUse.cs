namespace RcuModel.Primitives;

/// <summary>How a lock is taken, as far as that matters for whom it makes wait.</summary>
public enum LockUse : byte
{
    /// <summary>Alone.</summary>
    Write,

    /// <summary>Beside other readers, but behind writers that wait: two readers of one thread can deadlock with a writer between them.</summary>
    Read,

    /// <summary>Beside other readers, whoever waits.</summary>
    RecursiveRead,
}

/// <summary>What somebody does who waits for a lock.</summary>
public enum LockWait : byte
{
    /// <summary>Nothing is said about it: a lock as specification that stands for any.</summary>
    Any,

    /// <summary>Spins: may be taken anywhere, and who holds it must not sleep.</summary>
    Spins,

    /// <summary>Sleeps: must not be taken by who must not sleep.</summary>
    Sleeps,
}
