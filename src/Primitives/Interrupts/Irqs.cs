using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// Who keeps interrupts off keeps every other processor's IPI waiting, and whoever sent that IPI and waits for it. So a stretch of
// code with interrupts off is a reader, and an IPI to all that is waited for is a grace period: GUP-fast walks page tables so,
// and whoever frees a page table sends an IPI first.
//
// The interrupt is a full barrier on the processor that takes it, at a moment that only the sender brings about: what memb RCU
// gets from a process-wide barrier. So this is RcuMemb, with the rules of interrupts: the sender does not sleep, it may be in an RCU
// reader, and must take interrupts itself.

/// <summary>
/// The processors' interrupts, as far as locking goes: sections with interrupts off, and IPIs to all that wait for them.
/// Sections nest, wait for nobody, and must not sleep.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>When <see cref="Broadcast"/> returns, every section that was under way when it was called has ended, and what was
/// done in it happens before what follows. A section that begins later sees what was done before the call.</item>
/// <item>Who has called <see cref="Save"/> must not sleep, nor call Broadcast, and calls <see cref="Restore"/> as often: with
/// <see cref="RcuChecks"/> on the rest is reported. Broadcast itself may be called where nobody may sleep.</item>
/// <item>In this model a synchronize_rcu() does not wait for sections: one that counts as an RCU reader too must say so.</item>
/// </list>
/// <para>
/// At lock grain a section is two steps and a broadcast two, those of <see cref="SpecRcu"/>. At the grain of accesses both are
/// those of <see cref="RcuMemb"/>.
/// </para>
/// <para>Kernel: local_irq_save(), local_irq_restore(), smp_call_function() with wait, tlb_remove_table_sync_one().</para>
/// </remarks>
public sealed class Irqs
{
    private readonly RcuMemb? _accesses;
    private readonly SpecRcu? _specification;

    /// <summary>Creates the interrupts of a machine.</summary>
    /// <param name="name">What a trace calls them.</param>
    /// <param name="atLockGrain">Whether they are a specification; their own accesses are left out then.</param>
    public Irqs(string name = "irqs", bool atLockGrain = false)
    {

        // Who sleeps with interrupts off is reported as that.
        if (atLockGrain)
            _specification = new SpecRcu(name, readersMaySleep: true);
        else
            _accesses = new RcuMemb(name, new RcuOptions { Sleeps = false });
    }

    /// <summary>
    /// Brings a thread in before it begins, so that it need not do so at its first section. At lock grain there is nothing to do.
    /// </summary>
    /// <param name="name">What a trace calls it.</param>
    /// <returns>What the thread gives to <see cref="Save"/>, when it has adopted it.</returns>
    public RcuReader? Register(string name = "cpu") => _accesses?.Register(name);

    /// <summary>Takes no interrupts from here on. Kernel: local_irq_save().</summary>
    /// <param name="cpu">What <see cref="Register"/> gave; null for the thread's own.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Save(RcuReader? cpu = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.IrqsOff(file, line);
        if (_accesses is null)
            _specification!.ReadLock(file, line);
        else
            _accesses.Lock(cpu ?? _accesses.ThreadReader, file, line);
    }

    /// <summary>Takes interrupts again, if it did so before the last <see cref="Save"/>. Kernel: local_irq_restore().</summary>
    /// <param name="cpu">As with <see cref="Save"/>.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Restore(RcuReader? cpu = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.IrqsOn(file, line);
        if (_accesses is null)
            _specification!.ReadUnlock(file, line);
        else
            _accesses.Unlock(cpu ?? _accesses.ThreadReader, file, line);
    }

    /// <summary>Takes no interrupts until the scope is disposed of: <c>using (irqs.Off())</c>.</summary>
    /// <param name="cpu">As with <see cref="Save"/>.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public IrqSection Off(RcuReader? cpu = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Save(cpu, file, line);
        return new IrqSection(this, cpu, file, line);
    }

    /// <summary>
    /// Interrupts every processor and waits until each has taken the interrupt: every section under way has ended then. Spins.
    /// Kernel: smp_call_function() with wait.
    /// </summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Broadcast([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.TakesIrqs(nameof(Broadcast), file, line);
        if (_accesses is null)
            _specification!.Synchronize(file, line);
        else
            _accesses.Synchronize(file, line);
    }
}

/// <summary>A section with interrupts off until it is disposed of.</summary>
public readonly ref struct IrqSection
{
    private readonly Irqs _irqs;
    private readonly RcuReader? _cpu;
    private readonly string _file;
    private readonly int _line;

    internal IrqSection(Irqs irqs, RcuReader? cpu, string file, int line)
    {
        _irqs = irqs;
        _cpu = cpu;
        _file = file;
        _line = line;
    }

    /// <summary>Takes interrupts again.</summary>
    public void Dispose() => _irqs.Restore(_cpu, _file, _line);
}
