namespace RcuModel.Primitives;

/// <summary>One use of a lock by a thread, in ticks of the clock.</summary>
/// <param name="Name">The lock's class.</param>
/// <param name="IsRead">Whether it was taken as a reader.</param>
/// <param name="WaitsSince">When it began to be waited for; 0 if it was free.</param>
/// <param name="HeldSince">When it was taken.</param>
/// <param name="End">When it was given back.</param>
public readonly record struct LockSlice(string Name, bool IsRead, long WaitsSince, long HeldSince, long End);
