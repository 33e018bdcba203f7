using Microsoft.Coyote.Random;
using RcuModel.Exploration.Engine;

namespace RcuModel.Coyote.Driving;

/// <summary>Has Coyote take the branches of choices; who goes next it says by itself.</summary>
internal sealed class Decisions : Strategy
{
    private Generator? _generator;

    public override bool Exhaustive => false;

    /// <summary>Whether anything was chosen in any execution.</summary>
    public bool HaveChosen { get; private set; }

    public override bool Begin()
    {
        Trace.Clear();
        _generator = null;
        return true;
    }

    public override Role? Advance(Role? current) => throw new NotSupportedException("Coyote says who goes next.");

    public override int Choose(Role role, int alternatives)
    {
        if (alternatives == 1)
            return 0;
        HaveChosen = true;

        // It belongs to the execution in which it is made.
        _generator ??= Generator.Create();
        return _generator.NextInteger(alternatives);
    }
}
