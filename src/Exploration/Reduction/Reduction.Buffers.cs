using RcuModel.Primitives;

namespace RcuModel.Exploration.Reduction;

/// <summary>What store buffers add to the reduction: loads that see their own thread's stores.</summary>
/// <remarks>
/// Whether a load conflicts with another thread's write hangs on whether its own thread's last store to the cell has been
/// drained before that write. In a sequence v that may be otherwise than in the trace: the drain may have been cut away, or may
/// have been taken out of v because a branch begins with it. The steps of the trace are changed for as long as v is looked
/// at.
/// </remarks>
internal sealed partial class Reduction
{
    private readonly List<(int Step, int Place, ushort Source)> _changed = [];

    // A load in v that comes behind the drain of its own thread's store in the trace, and whose drain went with the cut.
    private void HideFromLoads(ReadOnlySpan<int> cut)
    {
        for (int n = 0; n < _length; n++)
        {
            int i = _sequence[n];
            ref Access access = ref _trace.Events[i].Access;
            if (access.Place == 0)
                continue;
            int drain = _trace.OwnDrain(i);
            if (drain < 0 || drain == Trace.NotDrained || !IsCut(cut, drain))
                continue;
            _changed.Add((i, access.Place, access.Source));
            access.Source = _trace.OwnSource(i);
            access.Place = 0;
        }
    }

    // The later step comes last in v. A load does not see what was in memory before its own thread's store got there; a write
    // overwrites, for loads that saw their own thread's store, what has been drained by then.
    private void JoinConflictsOfLater(ReadOnlySpan<int> cut)
    {
        int seenFrom = _trace.OwnDrain(_later);
        ref ushort clock = ref _laterClock[0];
        for (int n = 0; n < _length; n++)
        {
            int i = _sequence[n];
            Access step = _trace.Events[i].Access;
            if (step.Source != 0 && _laterAccess.Writes && _trace.OwnDrain(i) is var drain and not Trace.NotDrained
                && !IsCut(cut, drain))
            {
                step.Reveal();
            }

            if (Access.Conflict(step, _laterAccess) && i > seenFrom)
                Clock.Join(ref clock, ref _trace.ClockOf(i));
        }
    }

    // A drain is taken out of v, as what a branch begins with: the loads that saw its store see it in memory.
    private void RevealToLoads(int position)
    {
        Access drain = AccessAt(position);
        if (drain.Kind != OperationKind.Drain)
            return;
        for (int n = 0; n < _length; n++)
        {
            ref Access access = ref AccessAt(n);
            if (!Access.Reveals(drain, access))
                continue;
            _changed.Add((_sequence[n], access.Place, access.Source));
            access.Reveal();
        }
    }

    private void UndoChanges()
    {
        for (int c = _changed.Count - 1; c >= 0; c--)
        {
            (int step, int place, ushort source) = _changed[c];
            ref Access access = ref _trace.Events[step].Access;
            access.Place = place;
            access.Source = source;
        }

        _changed.Clear();
    }

    // As for any step that is not part of v, but for one that sees its own thread's store: until that is drained in v, nothing
    // conflicts with it.
    private bool CanBeginWithOwnStore(Access next)
    {
        for (int n = 0; n < _length; n++)
        {
            ref Access other = ref AccessAt(n);
            if (Access.Reveals(other, next))
                next.Reveal();
            else if (next.Source == 0 && Access.Conflict(next, other))
                return false;
        }

        return true;
    }
}
