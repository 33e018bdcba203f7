using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Reduction;

namespace RcuModel.Exploration.Stress;

/// <summary>
/// The memory of one run, by the same places as in the explorer: (the thread that made it, its n-th one). Each thread makes
/// its own; who is told of one by another thread finds it.
/// </summary>
internal sealed class StressMemory
{
    private readonly StressCell?[][] _cells = new StressCell?[Clock.Lanes][];
    private readonly StressObject?[][] _objects = new StressObject?[Clock.Lanes][];

    public StressMemory()
    {
        for (int t = 0; t < Clock.Lanes; t++)
        {
            _cells[t] = new StressCell?[16];
            _objects[t] = new StressObject?[8];
        }
    }

    public StressCell Cell(int place)
    {
        if (place == 0)
            throw new InvalidOperationException("A cell that was made outside of the body is used in it.");
        return Volatile.Read(ref _cells[place >> Places.OrdinalBits])[place & Places.OrdinalMax]!;
    }

    public StressCell NewCell(int maker, int ordinal) => New(ref _cells[maker], ordinal);

    public StressObject Object(int id) => Volatile.Read(ref _objects[id >> Places.OrdinalBits])[id & Places.OrdinalMax]!;

    public StressObject NewObject(int maker, int ordinal) => New(ref _objects[maker], ordinal);

    /// <summary>An object that a thread has made, must be freed, and was not; null if there is none.</summary>
    public StressObject? Leak(int maker, int made)
    {
        for (int n = 1; n <= made; n++)
        {
            if (_objects[maker][n] is { MustFree: true, Freed: 0 } leak)
                return leak;
        }

        return null;
    }

    private static T New<T>(ref T?[] made, int ordinal)
        where T : class, new()
    {
        if (ordinal > Places.OrdinalMax)
            throw new InvalidOperationException($"A thread of the body makes more than {Places.OrdinalMax} cells or objects.");
        T?[] row = made;
        if (ordinal >= row.Length)
        {
            Array.Resize(ref row, row.Length * 2);
            Volatile.Write(ref made, row);
        }

        return row[ordinal] ??= new T();
    }
}
