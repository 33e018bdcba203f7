using RcuModel.Exploration.Reduction;

namespace RcuModel.Exploration.Engine;

/// <summary>Decides which thread moves next. One file each in Strategies, and the reduction.</summary>
internal abstract class Strategy
{
    /// <summary>What it drives; set once, before the first execution.</summary>
    public Machine Machine { get; set; } = null!;

    protected Trace Trace => Machine.Trace;

    /// <summary>Whether the strategy ends by having explored everything.</summary>
    public abstract bool Exhaustive { get; }

    /// <summary>Prepares the next execution; false if there is none.</summary>
    public abstract bool Begin();

    /// <summary>
    /// Performs steps until some role's own code must run, and names that role. Null when nothing can move.
    /// </summary>
    /// <param name="current">The role that has just run; null at the start.</param>
    public abstract Role? Advance(Role? current);

    /// <summary>Adds a step, taken freely, to the trace.</summary>
    public virtual int Append(in Access access) => Trace.Append(access);

    /// <summary>Takes a branch of a choice.</summary>
    public abstract int Choose(Role role, int alternatives);

    /// <summary>An execution has gone as far as it can. Roles that still wait have their operations pending.</summary>
    public virtual void Complete()
    {
    }

    /// <summary>For samplers: the number of the next execution, from 0; it alone decides what is chosen. Null for the others.</summary>
    public virtual long? NextNumber => null;

    /// <summary>Whether the execution stands still only because everything that could move has been explored.</summary>
    public virtual bool IsRedundant => false;

    /// <summary>Whether the execution was run before and is counted already.</summary>
    public virtual bool IsRepetition => false;

    /// <summary>Writes down where it is, between two executions.</summary>
    public virtual void Save(BinaryWriter writer)
    {
    }

    /// <summary>Goes on from what <see cref="Save"/> has written; before the first execution.</summary>
    public virtual void Restore(BinaryReader reader)
    {
    }

    /// <summary>Branches known to be left; 0 if it cannot know.</summary>
    public virtual long Pending => 0;

    /// <summary>Which part of the work is done, 0 to 1; null if it cannot know. Asked by its own machine.</summary>
    public virtual double? Explored => null;
}
