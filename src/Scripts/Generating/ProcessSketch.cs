namespace RcuModel.Scripts;

/// <summary>
/// What the generator believes that a process has mapped, so that most of what it writes makes sense. It need not be right:
/// what an operation really does is for the machine to say.
/// </summary>
internal sealed class ProcessSketch
{
    private readonly Protection?[] _mapped;
    private readonly bool[] _leftOut;

    /// <summary>A process without mappings.</summary>
    /// <param name="name">What the script calls it.</param>
    /// <param name="places">How many places its memory has.</param>
    public ProcessSketch(string name, int places)
    {
        Name = name;
        _mapped = new Protection?[places];
        _leftOut = new bool[places];
    }

    private ProcessSketch(string name, ProcessSketch parent)
        : this(name, parent._mapped.Length)
    {
        for (int i = 0; i < _mapped.Length; i++)
            _mapped[i] = parent._leftOut[i] ? null : parent._mapped[i];
    }

    public string Name { get; }

    public int Places => _mapped.Length;

    public bool IsEmpty => _mapped.All(static place => place is null);

    /// <summary>Where ranges of it have been moved away from: moving them back is what merges.</summary>
    public List<int> Left { get; } = [];

    public ProcessSketch Fork(string name) => new(name, this);

    public bool Allows(int place, Protection protection) => _mapped[place] is { } allowed && allowed.HasFlag(protection);

    public bool IsMapped(int place) => _mapped[place] is not null;

    /// <summary>The protection of a place; that of most mappings where nothing is mapped.</summary>
    public Protection ProtectionAt(int place) =>
        place >= 0 && place < Places && _mapped[place] is { } protection ? protection : Protection.Read | Protection.Write;

    /// <summary>The stretches without holes.</summary>
    public IReadOnlyList<(int Start, int Length)> Runs()
    {
        var runs = new List<(int, int)>();
        for (int i = 0; i < Places; i++)
        {
            int start = i;
            while (i < Places && _mapped[i] is not null)
                i++;
            if (i > start)
                runs.Add((start, i - start));
        }

        return runs;
    }

    public void Map(int start, int length, Protection protection)
    {
        Array.Fill(_mapped, protection, start, length);
        Array.Fill(_leftOut, false, start, length);
    }

    public void Unmap(int start, int length) => Array.Fill(_mapped, null, start, length);

    public void Protect(int start, int length, Protection protection)
    {
        for (int i = start; i < start + length; i++)
        {
            if (_mapped[i] is not null)
                _mapped[i] = protection;
        }
    }

    public void LeaveOut(int start, int length, bool leftOut) => Array.Fill(_leftOut, leftOut, start, length);

    public void Move(int start, int length, int newStart, bool keepOld)
    {
        Protection?[] moved = _mapped[start..(start + length)];
        bool[] leftOut = _leftOut[start..(start + length)];
        if (!keepOld)
            Unmap(start, length);
        moved.CopyTo(_mapped, newStart);
        leftOut.CopyTo(_leftOut, newStart);
        Left.Add(start);
    }
}
