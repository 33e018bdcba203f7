using RcuModel.Exploration.Engine;

namespace RcuModel.Exploration.Strategies;

/// <summary>
/// Every interleaving, one after the other, without a reduction; with a bound on preemptions, those with few first. It is
/// the yardstick of the reduction and the way to a counterexample with the fewest preemptions.
/// </summary>
/// <remarks>
/// A preemption is a switch away from a thread that could have gone on. With a bound b the whole tree is searched for 0
/// preemptions, then for 1, and so on up to b (Musuvathi and Qadeer, PLDI 2007); executions with fewer than the current
/// number are run again on the way and counted once. A store that is drained is no switch.
/// </remarks>
internal sealed class DepthFirst(int? preemptionBound) : FreeStrategy
{
    private struct Decision
    {
        /// <summary>Branches not yet taken: threads as bits, or how many alternatives of a choice are left.</summary>
        public uint Left;
        public int Taken;
        public bool IsChoice;
        public int PreemptionsBefore;

        /// <summary>Branches that have been explored.</summary>
        public int Done;
    }

    private readonly List<Decision> _path = [];
    private int _depth;
    private int _preemptions;
    private int _bound = preemptionBound is null ? int.MaxValue : 0;
    private bool _started;
    private bool _prunedByBound;

    public override bool Exhaustive => true;

    /// <summary>The execution at hand has fewer preemptions than the current bound, so it was counted before.</summary>
    public override bool IsRepetition => preemptionBound is not null && _preemptions < _bound;

    // With a bound on preemptions the tree is searched several times, and nobody knows how large it is the next time.
    public override double? Explored
    {
        get
        {
            if (preemptionBound is not null)
                return null;
            double explored = 0;
            for (int i = _path.Count - 1; i >= 0; i--)
            {
                Decision decision = _path[i];
                double left = decision.IsChoice ? decision.Left : System.Numerics.BitOperations.PopCount(decision.Left);
                explored = (decision.Done + explored) / (decision.Done + 1 + left);
            }

            return explored;
        }
    }

    /// <summary>Whether the bound kept interleavings from being run.</summary>
    public bool WasBounded { get; private set; }

    /// <summary>The bound in force.</summary>
    public int Bound => _bound;

    protected override bool AsksFirst => true;

    public override int Choose(Role role, int alternatives)
    {
        if (_depth < _path.Count)
        {
            if (!_path[_depth].IsChoice || _path[_depth].Taken >= alternatives)
                return GiveUp(0);
            return _path[_depth++].Taken;
        }

        _path.Add(new Decision
        {
            IsChoice = true,
            Taken = 0,
            Left = (uint)(alternatives - 1),
            PreemptionsBefore = _preemptions,
        });
        _depth++;
        return 0;
    }

    public override void Save(BinaryWriter writer)
    {
        writer.Write(_bound);
        writer.Write(_started);
        writer.Write(_prunedByBound);
        writer.Write(_path.Count);
        foreach (Decision decision in _path)
        {
            writer.Write(decision.Left);
            writer.Write(decision.Taken);
            writer.Write(decision.IsChoice);
            writer.Write(decision.PreemptionsBefore);
            writer.Write(decision.Done);
        }
    }

    public override void Restore(BinaryReader reader)
    {
        _bound = reader.ReadInt32();
        _started = reader.ReadBoolean();
        _prunedByBound = reader.ReadBoolean();
        for (int left = Checkpoint.CheckedCount(reader.ReadInt32(), 2 * ExplorationOptions.StepsMaxLimit); left > 0; left--)
        {
            _path.Add(new Decision
            {
                Left = reader.ReadUInt32(),
                Taken = reader.ReadInt32(),
                IsChoice = reader.ReadBoolean(),
                PreemptionsBefore = reader.ReadInt32(),
                Done = reader.ReadInt32(),
            });
        }
    }

    protected override bool BeginExecution()
    {
        if (_started && !Backtrack())
        {
            WasBounded = _prunedByBound;
            if (preemptionBound is null || _bound >= preemptionBound || !_prunedByBound)
                return false;
            _bound++;
            _prunedByBound = false;
            _path.Clear();
        }

        _started = true;
        _depth = 0;
        _preemptions = 0;
        return true;
    }

    protected override Role Pick(Role? last, uint candidates)
    {
        bool canStay = last is not null && (candidates & (1u << last.Index)) != 0;
        if (_depth < _path.Count)
        {
            Decision past = _path[_depth++];
            if (past.IsChoice || (candidates & (1u << past.Taken)) == 0)
                return Machine.RoleAt(GiveUp(System.Numerics.BitOperations.TrailingZeroCount(candidates)));
            _preemptions = past.PreemptionsBefore
                + (canStay && past.Taken != last!.Index && !Machine.RoleAt(past.Taken).IsBuffer ? 1 : 0);
            return Machine.RoleAt(past.Taken);
        }

        int first = canStay
            ? last!.Index
            : System.Numerics.BitOperations.TrailingZeroCount(candidates);
        uint left = candidates & ~(1u << first);
        if (canStay && _preemptions >= _bound)
        {
            uint kept = left & Machine.Buffers;
            _prunedByBound |= left != kept;
            left = kept;
        }

        _path.Add(new Decision { Left = left, Taken = first, PreemptionsBefore = _preemptions });
        _depth++;
        return Machine.RoleAt(first);
    }

    // What was decided before cannot be decided again: nothing that follows means anything.
    private int GiveUp(int instead)
    {
        _path.Clear();
        _depth = 0;
        Machine.ReportDifference("it does not come to the same decision");
        return instead;
    }

    private bool Backtrack()
    {
        while (_path.Count > 0)
        {
            Decision last = _path[^1];
            if (last.Left != 0)
            {
                if (last.IsChoice)
                {
                    last.Taken++;
                    last.Left--;
                }
                else
                {
                    last.Taken = System.Numerics.BitOperations.TrailingZeroCount(last.Left);
                    last.Left &= last.Left - 1;
                }

                last.Done++;
                _path[^1] = last;
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }
}
