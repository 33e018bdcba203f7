using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>A thread that is behind: things were done for it that its own code has not come to.</summary>
internal sealed partial class Role
{
    // What was done for it, in order, a step at hand being the last; and the results that it has not been given: of the step
    // that it waits in, if its own code has come to one, and of all that was done.
    private int[] _ahead = new int[8];
    private long[] _results = new long[9];
    private int _aheadCount;
    private int _resultCount;

    // How far its own code has come among them.
    private int _asked;
    private int _answered;

    // What its own code has asked for last, which it may look at when that is done.
    private Operation _askedFor;

    // The step at hand meanwhile.
    private Operation _atHand;
    private Stage _stage;

    // Whether it has done what only its own code can do since it was last given something.
    private bool _doesMore;

    /// <summary>Where it is among the machine's <see cref="Behaviours"/>: before what it asked for last.</summary>
    public int At;

    /// <summary>Whether things were done for it that its own code has not come to.</summary>
    public bool IsBehind => _aheadCount > 0;

    /// <summary>Whether its own code is on the way to where the machine has taken it.</summary>
    public bool CatchesUp { get; private set; }

    /// <summary>What it asked for last is done, and its own code has not heard of it.</summary>
    public void IsGiven(long result) => _results[_resultCount++] = result;

    /// <summary>It asks for what a node says, without its own code.</summary>
    public void GoAhead(int node)
    {
        if (_aheadCount == 0)
            _askedFor = Op;
        _ahead[_aheadCount++] = node;
        At = node;
        if (_aheadCount == _ahead.Length)
        {
            Array.Resize(ref _ahead, 2 * _aheadCount);
            Array.Resize(ref _results, (2 * _aheadCount) + 1);
        }
    }

    /// <summary>Its own code goes on.</summary>
    public void CatchUp()
    {
        CatchesUp = IsBehind;
        if (CatchesUp)
        {
            _atHand = Op;
            Op = _askedFor;
            _stage = State;
            _asked = 0;
            _answered = 0;
        }

        State = Stage.Running;
    }

    // Its own code asks for something that was done for it, or put there to be done. True if it is done and its own code goes on.
    private bool TakeUp()
    {
        if (_asked == _aheadCount || !_machine.IsForeseen(this, _ahead[_asked]))
        {
            _machine.ReportSurprise(this, $"does {_machine.InWords(Op)}, and something else before");
            throw _abandoned;
        }

        _asked++;
        if (_answered < _resultCount)
        {
            Answer();
            return true;
        }

        Op = _atHand;
        State = _stage;
        IsThere();
        return false;
    }

    // With the last result, if nothing is at hand, its own code has caught up.
    private void Answer()
    {
        Op.Result = _results[_answered++];
        if (_answered < _resultCount || _asked < _aheadCount)
            return;
        IsThere();
        GoesOn();
    }

    private void IsThere()
    {
        CatchesUp = false;
        _aheadCount = 0;
        _resultCount = 0;
    }

    // Its own code has been given what it asked for.
    private void GoesOn()
    {
        if (At != Behaviours.Nowhere)
            At = _machine.AfterResult(this);
        _doesMore = false;
    }

    // It does something that is no step and must be done at its place among the steps.
    private void DoesMore()
    {
        _doesMore = true;
        if (!CatchesUp || _machine.Abandoning)
            return;
        _machine.ReportSurprise(this, "does more between two steps than before");
        throw _abandoned;
    }
}
