using RcuModel.Exploration.Engine;

namespace RcuModel.Exploration.Strategies;

/// <summary>
/// Follows the order in which real threads did their operations, as far as their clocks tell; then goes through orders that are
/// near it. What the clocks cannot tell is who was first of two operations that were nearly at one time.
/// </summary>
/// <param name="log">Each operation: its thread, and when it was done; in that order.</param>
/// <param name="choices">The branches of each thread's choices.</param>
/// <param name="seed">For the orders near by.</param>
internal sealed class GuidedWalk((byte Thread, long Time)[] log, IReadOnlyList<ushort>[] choices, ulong seed) : FreeStrategy
{
    // The first execution follows the log. Of the others so many at a time look within a window, and then it doubles.
    private const int PerWindow = 64;
    private const double WindowFirst = 100e-9;
    private const double WindowMax = 100e-6;

    private readonly byte[] _order = new byte[log.Length];
    private readonly bool[] _taken = new bool[log.Length];
    private readonly int[] _choicesTaken = new int[choices.Length];
    private Randomness _random;
    private long _execution = -1;
    private int _from;

    public override bool Exhaustive => false;

    public override long? NextNumber => _execution + 1;

    public override int Choose(Role role, int alternatives)
    {
        int t = role.Index;
        if (t < choices.Length && _choicesTaken[t] < choices[t].Count)
            return Math.Min(choices[t][_choicesTaken[t]++], alternatives - 1);
        return _random.Below(alternatives);
    }

    protected override bool BeginExecution()
    {
        _execution++;
        _random = new Randomness(seed, _execution);
        Array.Clear(_taken);
        Array.Clear(_choicesTaken);
        _from = 0;
        for (int i = 0; i < log.Length; i++)
            _order[i] = log[i].Thread;
        if (_execution == 0)
            return true;

        // Any two neighbours that are near enough in time may have been the other way round.
        double seconds = Math.Min(WindowMax, WindowFirst * Math.Pow(2, (_execution - 1) / PerWindow));
        long window = (long)(seconds * System.Diagnostics.Stopwatch.Frequency);
        for (int swaps = 1 + _random.Below(log.Length); swaps > 0; swaps--)
        {
            int i = _random.Below(Math.Max(1, log.Length - 1));
            if (i + 1 < log.Length && log[i + 1].Time - log[i].Time <= window)
                (_order[i], _order[i + 1]) = (_order[i + 1], _order[i]);
        }

        return true;
    }

    protected override Role Pick(Role? last, uint candidates)
    {
        for (int i = _from; i < _order.Length; i++)
        {
            if (!_taken[i] && (candidates & (1u << _order[i])) != 0)
                return Machine.RoleAt(_order[i]);
        }

        return Machine.RoleAt(_random.AmongBits(candidates));
    }

    protected override void OnPerformed(Role role)
    {
        for (int i = _from; i < _order.Length; i++)
        {
            if (_taken[i] || _order[i] != role.Index)
                continue;
            _taken[i] = true;
            break;
        }

        while (_from < _order.Length && _taken[_from])
            _from++;
    }
}
