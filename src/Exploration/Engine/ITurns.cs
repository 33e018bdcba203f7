namespace RcuModel.Exploration.Engine;

/// <summary>
/// Deals out the turns of executions that the machine performs and somebody else schedules. Roles are played by threads
/// of its own, of which it lets one move at a time.
/// </summary>
/// <remarks>
/// The machine then has no workers, and its strategy is asked for branches of choices only. Memory, locks, clocks, store
/// buffers and verdicts are the same, so whoever deals out the turns need know nothing about them.
/// </remarks>
internal interface ITurns
{
    /// <summary>A role has been born: it needs a thread that calls <see cref="Machine.PlayDriven"/>.</summary>
    void Born(Role role);

    /// <summary>
    /// Called on the role's thread, which has a step pending. Returns when the step can be done and is the next thing that
    /// happens, or when the execution is given up.
    /// </summary>
    void Wait(Role role);

    /// <summary>A role has done its step. Store buffers may have something to do now.</summary>
    void Done(Role role);
}
