namespace RcuModel.Exploration.Engine;

/// <summary>
/// Numbers the threads of a body: (its parent, the parent's n-th child) has one number, in every execution and in all
/// machines that explore the body side by side.
/// </summary>
internal sealed class RoleNumbers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(int Parent, int Ordinal), int> _numbers = [];
    private int _count = 1;

    public int Of(int parent, int ordinal, int max)
    {
        lock (_gate)
        {
            if (_numbers.TryGetValue((parent, ordinal), out int number))
                return number;
            if (_count == max)
                throw new InvalidOperationException($"The body starts more than {max - 1} threads, which is the limit.");
            _numbers.Add((parent, ordinal), _count);
            return _count++;
        }
    }
}
