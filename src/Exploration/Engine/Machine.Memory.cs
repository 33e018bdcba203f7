using System.Runtime.CompilerServices;
using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>The memory of an execution: locations and objects under names that survive from one execution to the next.</summary>
internal sealed partial class Machine
{
    // What a cell knows of its location: 8 bits of the execution's number, so that a cell kept from an earlier one is
    // noticed, and its place. Objects have numbers of the same form.
    private const int PlaceBits = Places.OrdinalBits + Places.ThreadBits;
    private const int PlaceMask = (1 << PlaceBits) - 1;

    private readonly SharedMemory?[][] _objects = new SharedMemory?[Clock.Lanes][];
    private int _stamp;

    /// <summary>
    /// How many executions of the same body went before, in other machines: a cell that was kept from one of those is told
    /// from this machine's own by its number.
    /// </summary>
    public long ExecutionsBefore { init => _stamp = (int)(value % 255); }

    public int NewLocation(
        Role maker, int owner, string name, Type type, int size, bool isLock, CellValue initial)
    {
        if (Abandoning)
            return 0;
        int ordinal = ++maker.Locations;
        if (ordinal > Places.OrdinalMax)
            throw new InvalidOperationException($"A thread of the body makes more than {Places.OrdinalMax} cells.");
        int place = Places.Of(maker.Index, ordinal);
        Places.Make(place).Reset(owner == 0 ? null : ObjectOf(owner), name, type, size, isLock, initial);
        return (_stamp << PlaceBits) | place;
    }

    public int NewObject(Role maker, string type, bool mustFree)
    {
        if (Abandoning)
            return 0;
        int ordinal = ++maker.Objects;
        ref SharedMemory?[] made = ref _objects[maker.Index];
        made ??= new SharedMemory?[8];
        if (ordinal >= made.Length)
            Array.Resize(ref made, made.Length * 2);
        (made[ordinal] ??= new SharedMemory()).Reset(type, maker.Index, ordinal, mustFree);
        return (_stamp << PlaceBits) | Places.Of(maker.Index, ordinal);
    }

    /// <summary>The location of a number, which must be of this execution.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Location Find(int number)
    {
        if ((uint)number >> PlaceBits != (uint)_stamp)
            ThrowStale(number);
        return Places[number & PlaceMask];
    }

    public void FreeObject(Role role, int number, string file, int line)
    {
        SharedMemory memory = ObjectOf(number);
        Log?.Add(role, file, line, $"free {NameOf(memory)}");
        if (memory.Freed)
        {
            Report(ViolationKind.DoubleFree, role, $"{NameOf(memory)} is freed a second time; "
                + $"{_roles[memory.FreedBy]!.Name} freed it before");
        }

        // An access that nothing orders before this could just as well come after it.
        ref ushort now = ref NowOf(role);
        for (int t = 0; t < _roleCount; t++)
        {
            if (Trace.OwnerOf(t) == role.Index)
                continue;
            if (memory.Touched[t] > Unsafe.Add(ref now, t))
            {
                Report(ViolationKind.UseAfterFree, role,
                    $"{NameOf(memory)} is freed while {_roles[t]!.Name} may still access it: nothing orders its last access before this");
            }
            else if (memory.TouchedPlainly[t] > role.Synchronised[t])
            {
                Report(ViolationKind.DataRace, role,
                    $"{NameOf(memory)} is freed while {_roles[t]!.Name} may still access it plainly: nothing synchronises the two");
            }
        }

        memory.Freed = true;
        memory.FreedBy = role.Index;
    }

    public string NameOf(SharedMemory memory) => memory.Maker == 0
        ? $"{memory.Type}#{memory.Ordinal}"
        : $"{memory.Type}#{_roles[memory.Maker]!.Name}.{memory.Ordinal}";

    /// <summary>The name of an object of this execution; null for any other.</summary>
    public string? NameOfObject(SharedObject shared) =>
        shared.ObjectId != 0 && (uint)shared.ObjectId >> PlaceBits == (uint)_stamp
            ? NameOf(ObjectOf(shared.ObjectId))
            : null;

    public string NameOf(Location location) =>
        location.Owner is { } owner ? $"{NameOf(owner)}.{location.Name}" : location.Name;

    private void ResetMemory()
    {
        // Never 0: that is what a cell made outside of any execution has.
        _stamp = _stamp % 255 + 1;
    }

    private SharedMemory ObjectOf(int number)
    {
        if ((uint)number >> PlaceBits != (uint)_stamp)
            ThrowStale(number);
        return _objects[(number & PlaceMask) >> Places.OrdinalBits][number & Places.OrdinalMax]!;
    }

    // What the thread's next step would come after: its last step, or the spawn.
    private ref ushort NowOf(Role role)
    {
        int done = _done[role.Index];
        if (done > 0)
            return ref Trace.ClockOf(Trace.StepOf(role.Index, done));
        if (role.Index != 0 && role.SpawnedAfter > 0)
            return ref Trace.ClockOf(Trace.StepOf(role.Parent, role.SpawnedAfter));
        return ref s_nothing[0];
    }

    private static readonly ushort[] s_nothing = new ushort[Clock.Lanes];

    private static void ThrowStale(int number) => throw new InvalidOperationException(number == 0
        ? "A cell that was made outside of the body is used in it. Each execution must start from fresh state: make the "
            + "cell inside the body, with a constructor that names it (a default cell has no place in memory)."
        : "A cell of an earlier execution is used in this one. Each execution must start from fresh state: keep nothing in "
            + "static fields or in variables outside of the body.");

    private void CheckLeaks()
    {
        for (int t = 0; t < _roleCount; t++)
        {
            Role role = _roles[t]!;
            if (role.State == Role.Stage.Unborn)
                continue;
            for (int n = 1; n <= role.Objects; n++)
            {
                SharedMemory memory = _objects[t][n]!;
                if (memory.MustFree && !memory.Freed)
                {
                    Report(ViolationKind.Leak, role, $"{NameOf(memory)} is never freed");
                    return;
                }
            }
        }
    }
}
