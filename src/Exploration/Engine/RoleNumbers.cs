namespace RcuModel.Exploration.Engine;

/// <summary>
/// Numbers the threads of a body: (its parent, the parent's n-th child) has one number, in every execution and in all
/// machines that explore the body side by side. A recorded execution brings its numbers along.
/// </summary>
internal sealed class RoleNumbers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(int Parent, int Ordinal), int> _numbers = [];
    private int _count = 1;

    public RoleNumbers()
    {
    }

    /// <summary>Begins with the numbers of a recorded execution: the n-th of these threads has number n, the first one 1.</summary>
    public RoleNumbers(IEnumerable<(int Parent, int Ordinal)> recorded)
    {
        foreach ((int Parent, int Ordinal) thread in recorded)
            _numbers.Add(thread, _count++);
    }

    /// <summary>Which child of which thread has a number, which must have been given.</summary>
    public (int Parent, int Ordinal) WhoIs(int number)
    {
        lock (_gate)
            return _numbers.First(pair => pair.Value == number).Key;
    }

    /// <summary>The number of a thread.</summary>
    /// <param name="parent">Who starts it.</param>
    /// <param name="ordinal">As which of its children.</param>
    /// <param name="max">How many threads there may be.</param>
    /// <param name="why">Why no more, for the message; may be empty.</param>
    public int Of(int parent, int ordinal, int max, string why)
    {
        lock (_gate)
        {
            if (_numbers.TryGetValue((parent, ordinal), out int number))
                return number;
            if (_count == max)
                throw new InvalidOperationException($"The body starts more than {max - 1} threads, which is the limit{why}.");
            _numbers.Add((parent, ordinal), _count);
            return _count++;
        }
    }

    /// <summary>All numbers given so far.</summary>
    public (int Parent, int Ordinal, int Number)[] Known()
    {
        lock (_gate)
            return [.. _numbers.Select(static known => (known.Key.Parent, known.Key.Ordinal, known.Value))];
    }

    /// <summary>Takes over the numbers of an exploration that goes on here.</summary>
    public void Restore((int Parent, int Ordinal, int Number)[] known)
    {
        lock (_gate)
        {
            foreach ((int parent, int ordinal, int number) in known)
            {
                _numbers[(parent, ordinal)] = number;
                _count = Math.Max(_count, number + 1);
            }
        }
    }
}
