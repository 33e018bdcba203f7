namespace RcuModel.Exploration.Handoff;

/// <summary>
/// The baton for systems without a futex: one semaphore a slot, threads left where the system puts them.
/// </summary>
/// <remarks>
/// <see cref="SemaphoreSlim"/> spins briefly before it blocks, which makes two workers on two CPUs quick (about 0.1 us)
/// and everything else correct.
/// </remarks>
internal sealed class PortableBaton : Baton
{
    private readonly SemaphoreSlim[] _turns = new SemaphoreSlim[MaxSlots];

    public PortableBaton()
    {
        for (int slot = 0; slot < MaxSlots; slot++)
            _turns[slot] = new SemaphoreSlim(0, 1);
    }

    /// <inheritdoc/>
    public override WaitMode Mode => WaitMode.Shared;

    /// <inheritdoc/>
    public override void Attach(int slot) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)MaxSlots);

    /// <inheritdoc/>
    public override void Detach(int slot)
    {
    }

    /// <inheritdoc/>
    public override void Refresh()
    {
    }

    /// <inheritdoc/>
    // Release() and Wait() take the semaphore's lock: the release pairs with the acquire in Wait.
    public override void Pass(int slot) => _turns[slot].Release();

    /// <inheritdoc/>
    public override void Wait(int slot) => _turns[slot].Wait();

    /// <inheritdoc/>
    public override void Dispose()
    {
        // Not disposed, on purpose: the last passer may still be inside Release() when the one it woke comes here.
        // A SemaphoreSlim whose AvailableWaitHandle was never asked for holds nothing but memory.
    }
}
