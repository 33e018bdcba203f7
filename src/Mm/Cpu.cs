using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A processor that runs users' code: while it is in the middle of an access, or has interrupts off, nobody can interrupt it.
/// </summary>
/// <remarks>
/// An access translates, goes to memory and notes that in the entry, and no interrupt comes in between; so whoever has interrupted a
/// processor knows that each of its accesses is over or has not begun. That is a lock for the access, which whoever interrupts takes too.
/// </remarks>
internal sealed class Cpu : SharedObject
{
    internal Cpu(int number, Grain grain)
        : base($"cpu{number}")
    {
        Number = number;
        Instruction = new GrainSpinlock(this, "instruction", grain);
    }

    /// <summary>Its number.</summary>
    public int Number { get; }

    /// <summary>Held during an access and wherever interrupts are off; whoever interrupts holds it for the time of the interrupt.</summary>
    internal GrainSpinlock Instruction { get; }

    /// <inheritdoc/>
    public override string ToString() => $"cpu{Number}";
}
