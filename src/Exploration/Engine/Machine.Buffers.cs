using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// Store buffers: each thread has one, a lane of its own behind the thread's. A store goes into it, and leaves it for memory
/// as a step of that lane.
/// </summary>
/// <remarks>
/// <para>
/// # What waits for the thread's own buffer to be empty: a full fence, every read-modify-write (also one that fails, and
/// whatever its order says: on x86 they are all locked), taking a lock, an await over several cells, anything of order Full, a join,
/// and starting a thread. A lock is released by a store into the buffer, as a spinlock is. Read and write fences do nothing:
/// stores leave in order, and loads are done in order.
/// </para>
/// <para>
/// # A process-wide fence begins, waits for a barrier in every other thread, and ends. Each barrier has a moment of its own, at which
/// that thread's buffer is empty; there is no moment at which all are. See docs/decisions/2026-11-24-tso.md.
/// </para>
/// </remarks>
internal sealed partial class Machine
{
    private readonly bool _buffers;

    /// <summary>Whether threads have store buffers.</summary>
    public bool HasBuffers => _buffers;

    /// <summary>The lanes of buffers, as bits.</summary>
    public uint Buffers => _buffers ? 0xaaaa_aaaau : 0;

    private int LanesPerThread => _buffers ? 2 : 1;

    /// <summary>The lane of a thread's buffer; null if there are none.</summary>
    public Role RoleWithNumber(int number) => _roles[_buffers ? 2 * number : number]!;

    public Role? BufferOf(Role thread) => _buffers && !thread.IsBuffer ? _roles[thread.Index + 1] : null;

    // Buffers come after their threads.
    private void MakeBuffer(Role thread)
    {
        thread.Buffer = new StoreBuffer();
        _roles[_roleCount] = new Role(this, _roleCount++) { IsBuffer = true, Background = true };
    }

    private void BeginBuffer(Role thread)
    {
        thread.Buffer!.Clear();
        Role buffer = _roles[thread.Index + 1]!;
        buffer.Name = thread.Name;
        buffer.BarriersAsked.Clear();
        buffer.State = Role.Stage.Unborn;
    }

    // Whether the store buffers do not let it happen yet.
    private bool MustWaitForBuffers(Role role)
    {
        ref Operation op = ref role.Op;
        if (role.IsBuffer)
            return false;
        if (op.Kind == OperationKind.ProcessWideFenceEnd)
            return role.BarriersLeft > 0;
        if (op.Kind == OperationKind.Join)
        {
            for (uint left = role.Joined; left != 0; left &= left - 1)
            {
                if (!_roles[System.Numerics.BitOperations.TrailingZeroCount(left)]!.Buffer!.IsEmpty)
                    return true;
            }
        }

        if (WaitsForOwnBuffer(op))
            return !role.Buffer!.IsEmpty;
        return op.Kind is OperationKind.Load or OperationKind.Await
            && role.Buffer!.NewestTo(Find(op.Location)) is { } store && !Covers(store.Op, op);
    }

    private static bool WaitsForOwnBuffer(in Operation op) => op.Kind switch
    {
        OperationKind.Load or OperationKind.Store or OperationKind.Await or OperationKind.Fence => op.Order == Order.Full,
        OperationKind.Release or OperationKind.Choose or OperationKind.ProcessWideFenceEnd
            or OperationKind.RcuReadLock or OperationKind.RcuReadUnlock => false,
        _ => true,
    };

    // What goes into the buffer: a store, or what is one at bottom.
    private static bool IsStore(OperationKind kind) =>
        kind is OperationKind.Store or OperationKind.Release or OperationKind.RcuReadUnlock;

    // Whether a load finds all that it reads in a store. If not, it waits until the store is in memory, as a processor does.
    private static bool Covers(in Operation store, in Operation load) => PartOf(store) is var part && (part == 0 || part == PartOf(load));

    private static ulong PartOf(in Operation op) =>
        op.FieldBits == 0 || op.Kind is not (OperationKind.Load or OperationKind.Store) ? 0 : ((ulong)op.FieldShift << 8) | op.FieldBits;

    // What an await finds: its own thread's store, or memory.
    private CellValue ValueFor(Role role, Location location) =>
        _buffers && role.Op.Order != Order.Full && role.Buffer!.NewestTo(location) is { } store
            ? ValueOf(store, location)
            : location.Value;

    private static CellValue ValueOf(StoreBuffer.Entry store, Location location) => store.Op.IsReference
        ? new CellValue(0, store.Op.RefA)
        : new CellValue(store.Op.A & location.Mask, null);

    // Whether a step is about its own thread's buffer and touches no memory.
    private bool IsLocal(Role role, Location location)
    {
        ref Operation op = ref role.Op;
        if (role.IsBuffer)
            return false;
        return op.Kind switch
        {
            OperationKind.Store => op.Order != Order.Full,
            OperationKind.Release or OperationKind.RcuReadUnlock => true,
            OperationKind.Load or OperationKind.Await => op.Order != Order.Full && role.Buffer!.NewestTo(location) is not null,
            _ => false,
        };
    }

    // True if it is a store.
    private bool DoLocally(Role role, Location location)
    {
        ref Operation op = ref role.Op;
        if (op.Kind is OperationKind.Load or OperationKind.Await)
        {
            CellValue seen = ValueOf(role.Buffer!.NewestTo(location)!, location);
            op.Result = seen.Bits;
            op.RefResult = seen.Reference;
            if (op.FieldBits is > 0 and < 64 && role.Buffer.NewestTo(location)!.Op.FieldBits == 0)
                op.Result >>= op.FieldShift;
            if (op.FieldBits is > 0 and < 64)
                op.Result &= (1L << op.FieldBits) - 1;
            return false;
        }

        // What the thread publishes with the store is what it has done so far, not what it does until the store is drained.
        StoreBuffer.Entry entry = role.Buffer!.Add(op, location, (ushort)(_done[role.Index] + 1));
        bool releases = op.Kind is OperationKind.Release or OperationKind.RcuReadUnlock || op.Order == Order.Release;
        Clock.Copy(ref entry.Published[0], ref releases ? ref role.Synchronised[0] : ref role.Fenced[0]);
        role.HasStored = true;
        return true;
    }

    // A step of a buffer's lane is done: what it does next is known at once.
    private void PrepareBuffer(Role buffer)
    {
        Role thread = _roles[buffer.Index - 1]!;
        if (!thread.Buffer!.IsEmpty)
        {
            StoreBuffer.Entry store = thread.Buffer.Oldest;
            buffer.Op = store.Op;
            if (buffer.Op.Kind == OperationKind.Store)
                buffer.Op.Kind = OperationKind.Drain;
            buffer.Parent = thread.Index;
            buffer.SpawnedAfter = store.Index;
            buffer.State = Role.Stage.Pending;
        }
        else if (buffer.BarriersAsked.Count > 0)
        {
            (buffer.Parent, buffer.SpawnedAfter) = buffer.BarriersAsked[0];
            buffer.Op = new Operation { Kind = OperationKind.BarrierElsewhere, File = "" };
            buffer.State = Role.Stage.Pending;
        }
        else
        {
            buffer.State = Role.Stage.Unborn;
        }
    }

    private void EndStepWithBuffers(Role role)
    {
        if (!role.IsBuffer)
        {
            role.State = Role.Stage.Ready;
            PrepareBuffer(_roles[role.Index + 1]!);
            if (WaitsForOwnBuffer(role.Op))
                role.HasStored = false;
            return;
        }

        if (role.Op.Kind == OperationKind.BarrierElsewhere)
        {
            _roles[role.BarriersAsked[0].Thread]!.BarriersLeft--;
            role.BarriersAsked.RemoveAt(0);
        }
        else
        {
            _roles[role.Index - 1]!.Buffer!.RemoveOldest();
        }

        PrepareBuffer(role);
    }

    private void SynchroniseWithBuffers(Role role, Location location, bool writes, bool local)
    {
        if (!role.IsBuffer)
        {
            if (!local)
                Synchronise(role, location, writes);
            else if (writes)
                role.NextEpoch();
            return;
        }

        ref ushort published = ref _roles[role.Index - 1]!.Buffer!.Oldest.Published[0];
        if (role.Op.Kind == OperationKind.RcuReadUnlock)
            return;
        if (location.IsLock)
            location.KeepRelease(role.Op, ref published);
        else
            location.Release(ref published, keepEarlier: false, role.Op);
    }

    // A process-wide fence has begun: asks for a barrier wherever there must be one.
    private void AskForBarriers(Role role, int step)
    {
        role.BarriersIn = Trace.BuffersToWaitFor(step);
        role.BarriersLeft = System.Numerics.BitOperations.PopCount(role.BarriersIn);
        for (uint left = role.BarriersIn; left != 0; left &= left - 1)
        {
            Role buffer = _roles[System.Numerics.BitOperations.TrailingZeroCount(left)]!;
            buffer.BarriersAsked.Add((role.Index, Trace.Events[step].Index));
            PrepareBuffer(buffer);
        }
    }

    // What the buffers add to what the reduction must know of a step.
    private void AddBuffers(ref Access access, Role role, Location? location, bool local)
    {
        ref Operation op = ref role.Op;
        if (role.IsBuffer)
        {
            if (op.Kind == OperationKind.BarrierElsewhere)
                access.Place = Places.BufferOf(role.Index - 1);
            return;
        }

        if (op.Kind is OperationKind.Load or OperationKind.Await || (local && IsStore(op.Kind)))
        {
            access.First = (ulong)location!.Place;
            access.Last = PartOf(op);
        }

        if (local && IsStore(op.Kind))
        {
            access.Kind = OperationKind.Store;
            access.Mode = default;
            access.Place = Places.BufferOf(role.Index);
        }

        if (op.Kind == OperationKind.ProcessWideFenceEnd)
            access.Joined = role.BarriersIn;
        else if (op.Kind == OperationKind.Join)
            access.Joined = role.Joined | (role.Joined << 1);
        if (WaitsForOwnBuffer(op))
            access.Joined |= 2u << role.Index;
    }

    private static bool MatchesWithBuffers(Role role, in Access planned, in Operation op, Location? location, bool local)
    {
        if (role.IsBuffer)
            return planned.Kind == op.Kind && (location is null || planned.Place == location.Place);
        OperationKind kind = local && IsStore(op.Kind) ? OperationKind.Store : op.Kind;
        if (kind is OperationKind.Load or OperationKind.Await || (kind == OperationKind.Store && local))
            return planned.Kind == kind && planned.First == (ulong)location!.Place;
        return kind is OperationKind.ProcessWideFence or OperationKind.ProcessWideFenceEnd
            ? planned.Kind == kind
            : Matches(planned, op, location);
    }
}
