using System.Runtime.CompilerServices;
using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>What a step does: to memory, to the clocks, and to the thread that asked for it.</summary>
internal sealed partial class Machine
{
    /// <summary>Throws unless every place that an operation names is one of this execution.</summary>
    public void RequirePlace(in Operation op)
    {
        if (op.Location != 0 || NeedsLocation(op.Kind))
            _ = Find(op.Location);
        if (op.Kind == OperationKind.AwaitMany)
        {
            foreach (int cell in op.Footprint!)
                _ = Find(cell);
        }
    }

    /// <summary>Whether a pending operation can be done now.</summary>
    public bool CanDo(Role role)
    {
        ref Operation op = ref role.Op;
        if (_buffers && MustWaitForBuffers(role))
            return false;
        switch (op.Kind)
        {
            case OperationKind.Await or OperationKind.AwaitExchange:
                CellValue value = ValueFor(role, Find(op.Location));
                if (op.Condition == Condition.Predicate)
                    return AsksUser(role, new ReadOnlySpan<CellValue>(in value));
                return op.IsReference
                    ? ReferenceEquals(value.Reference, op.RefA) == (op.Condition == Condition.Equal)
                    : Conditions.Holds(op.Condition, value.Bits, op.A);
            case OperationKind.AwaitMany:
                return AsksUser(role, ValuesOf(op.Footprint!));
            case OperationKind.Acquire:
                return !IsHeld(Find(op.Location), op);
            case OperationKind.RcuSynchronizeEnd:
                return role.GraceWaits == 0;
            case OperationKind.Join:
                for (uint left = role.Joined; left != 0; left &= left - 1)
                {
                    if (_roles[System.Numerics.BitOperations.TrailingZeroCount(left)]!.State != Role.Stage.Finished)
                        return false;
                }

                return true;
            default:
                return true;
        }
    }

    // A condition is the user's code, run by whoever holds the baton; its failure is the waiting thread's.
    private bool AsksUser(Role role, ReadOnlySpan<CellValue> values)
    {
        try
        {
            return role.Op.Predicate!(role.Op.Argument!, values);
        }
        catch (Exception failure)
        {
            Report(ViolationKind.UnhandledException, role,
                $"the condition that {role.Name} waits for threw {failure.GetType().Name}: {failure.Message}");
            Abandoning = true;
            return false;
        }
    }

    /// <summary>Does the pending operation of a role, which must be able to go on.</summary>
    public void Perform(Role role)
    {
        int t = role.Index;
        ref Operation op = ref role.Op;
        ushort done = _done[t];
        bool planned = done < Trace.Counts[t];
        ushort epoch = role.Synchronised[t];
        int i = planned ? Trace.StepOf(t, done + 1) : -1;

        Location? location = op.Location != 0 || NeedsLocation(op.Kind) ? Find(op.Location) : null;
        bool local = _buffers && location is not null && IsLocal(role, location);
        if (planned && !(_buffers
            ? MatchesWithBuffers(role, Trace.Events[i].Access, op, location, local)
            : Matches(Trace.Events[i].Access, op, location)))
        {
            ReportDivergence(role, i);
            return;
        }

        bool writes = false;
        if (local)
        {
            writes = DoLocally(role, location!);
        }
        else if (location is not null)
        {
            writes = location.IsLock ? DoLock(role, location) : DoAccess(ref op, location);
        }
        else if (op.Kind == OperationKind.Choose)
        {
            op.Result = planned ? Trace.Events[i].Access.Choice : _strategy.Choose(role, (int)op.A);
            RecordChoice((ushort)op.Result);
        }
        else if (op.Kind == OperationKind.ProcessWideFence)
        {
            writes = _buffers;
        }

        if (!planned)
        {
            Access access = AccessOf(role, location, writes);
            if (_buffers)
                AddBuffers(ref access, role, location, local);
            i = _strategy.Append(access);
        }
        else if (Trace.Events[i].Access.Writes != writes)
        {
            ReportDivergence(role, i);
            return;
        }

        // A step that is run again finds everything as it was. It is compared before it is written, so that the lines of the
        // prefix stay in the caches of all CPUs.
        ref Event step = ref Trace.Events[i];
        if (step.Epoch != epoch)
            step.Epoch = epoch;
        if (local)
        {
            SynchroniseWithBuffers(role, location!, writes, local);
            if (location!.Owner is { } owner)
                Touch(role, owner, location, (ushort)(done + 1));
        }
        else if (location is not null)
        {
            if (step.Written.Bits != location.Value.Bits
                || !ReferenceEquals(step.Written.Reference, location.Value.Reference))
            {
                step.Written = location.Value;
            }

            if (NeedsOperands(op.Kind))
                KeepOperands(ref step, op);
            if (_buffers)
                SynchroniseWithBuffers(role, location, writes, local);
            else
                Synchronise(role, location, writes);
            if (location.Owner is { } owner)
                Touch(role, owner, location, (ushort)(done + 1));
        }
        else
        {
            SynchroniseBeyondMemory(role, ref step);
        }

        // A process-wide fence elsewhere covers what came before this step and nothing behind it, whatever the step was.
        if (role.Synchronised[t] == step.Epoch)
            role.NextEpoch();
        _done[t] = (ushort)(done + 1);
        Record((byte)t);
        Log?.Step(role, location, writes, local);
        if (_buffers)
            EndStepWithBuffers(role);
        else
            role.State = Role.Stage.Ready;
    }

    /// <summary>The operation that a role still waits to do, as a step beyond the end of the trace.</summary>
    public void ImagineAt(int i, Role role)
    {
        ref Operation op = ref role.Op;
        ref Event step = ref Trace.Slot(i);
        Location? location = op.Location == 0 ? null : Find(op.Location);
        step = default;
        step.Access = AccessOf(role, location, op.Kind is OperationKind.AwaitExchange or OperationKind.Acquire);
        if (_buffers)
            AddBuffers(ref step.Access, role, location, local: false);
        step.Index = (ushort)(_done[role.Index] + 1);
        step.Partner = -1;
        step.Occurrence = -1;
        KeepOperands(ref step, op);
        Trace.ComputeBefore(i, step.Access);
    }

    /// <summary>A plain access: no step of its own, but it must be ordered with every other one.</summary>
    public void PlainAccess(Role role)
    {
        ref Operation op = ref role.Op;
        Location location = Find(op.Location);
        int t = role.Index;
        bool writes = op.Kind == OperationKind.PlainWrite;

        if (location.PlainWriter >= 0 && location.PlainWriter != t
            && location.PlainWriteEpoch > role.Synchronised[location.PlainWriter])
        {
            ReportRace(role, location, writes ? "write" : "read", "write", location.PlainWriter);
        }

        if (writes)
        {
            if (location.HasPlainReads)
            {
                for (int r = 0; r < _roleCount; r++)
                {
                    if (r != t && location.PlainReads![r] > role.Synchronised[r])
                        ReportRace(role, location, "write", "read", r);
                }

                location.HasPlainReads = false;
            }

            location.PlainWriter = t;
            location.PlainWriteEpoch = role.Synchronised[t];
            location.Value = new CellValue(op.A & location.Mask, op.IsReference ? op.RefA : null);
        }
        else
        {
            location.PlainReads ??= new ushort[Clock.Lanes];
            if (!location.HasPlainReads)
            {
                Clock.Fill(ref location.PlainReads[0], 0);
                location.HasPlainReads = true;
            }

            location.PlainReads[t] = role.Synchronised[t];
            op.Result = location.Value.Bits;
            op.RefResult = location.Value.Reference;
        }

        if (location.Owner is { } owner)
        {
            if (owner.Freed)
                ReportUseAfterFree(role, owner, location);
            owner.TouchedPlainly[t] = role.Synchronised[t];
        }

        Log?.Step(role, location, writes);
    }

    /// <summary>The value of each cell of a footprint.</summary>
    private CellValue[] ValuesOf(int[] footprint)
    {
        var values = new CellValue[footprint.Length];
        for (int c = 0; c < footprint.Length; c++)
            values[c] = Find(footprint[c]).Value;
        return values;
    }

    private static bool NeedsLocation(OperationKind kind) => kind is
        not (OperationKind.Fence or OperationKind.ProcessWideFence or OperationKind.Choose or OperationKind.Join
            or OperationKind.AwaitMany or OperationKind.ProcessWideFenceEnd or OperationKind.BarrierElsewhere);

    private static bool NeedsOperands(OperationKind kind) => kind is
        OperationKind.CompareExchange or OperationKind.AddUnless or OperationKind.Await or OperationKind.AwaitExchange;

    private static void KeepOperands(ref Event step, in Operation op)
    {
        if (step.A != op.A || step.B != op.B || step.Condition != op.Condition)
        {
            step.A = op.A;
            step.B = op.B;
            step.Condition = op.Condition;
        }

        if (!ReferenceEquals(step.RefA, op.RefA) || !ReferenceEquals(step.Argument, op.Argument))
        {
            step.RefA = op.RefA;
            step.Argument = op.Argument;
        }

        if (!ReferenceEquals(step.Predicate, op.Predicate))
            step.Predicate = op.Predicate;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Matches(in Access planned, in Operation op, Location? location) =>
        planned.Kind == op.Kind && planned.Place == (location is null ? 0 : location.Place)
        && (location is not { IsLock: true }
            || (planned.Mode == op.Mode && planned.First == (ulong)op.A && planned.Last == (ulong)op.B))
        && (op.Kind != OperationKind.Choose || planned.Alternatives == op.A);

    private Access AccessOf(Role role, Location? location, bool writes)
    {
        ref Operation op = ref role.Op;
        var access = new Access
        {
            Thread = (byte)role.Index,
            Kind = op.Kind,
            Writes = writes,
            Parent = (byte)role.Parent,
            SpawnedAfter = role.SpawnedAfter,
        };
        if (location is not null)
        {
            access.Place = location.Place;
            if (location.IsLock)
            {
                access.Mode = op.Mode;
                access.First = (ulong)op.A;
                access.Last = (ulong)op.B;
            }
        }
        else if (op.Kind == OperationKind.Choose)
        {
            access.Choice = (ushort)op.Result;
            access.Alternatives = (ushort)op.A;
        }
        else if (op.Kind == OperationKind.Join)
        {
            access.Joined = role.Joined;
        }
        else if (op.Kind == OperationKind.AwaitMany)
        {
            access.Footprint = Array.ConvertAll(op.Footprint!, number => Find(number).Place);
        }

        return access;
    }

    // Performs an access to a cell; true if it writes.
    private static bool DoAccess(ref Operation op, Location location)
    {
        if (op.FieldBits != 0)
            return DoField(ref op, location);
        if (op.IsReference)
            return DoReference(ref op, location);

        long old = location.Value.Bits;
        long value;
        op.Result = old;
        switch (op.Kind)
        {
            case OperationKind.Load or OperationKind.Await:
                return false;
            case OperationKind.Store or OperationKind.Exchange or OperationKind.Drain:
                value = op.A;
                break;
            case OperationKind.CompareExchange:
                if (old != op.A)
                    return false;
                value = op.B;
                break;
            case OperationKind.FetchAdd:
                value = old + op.A;
                break;
            case OperationKind.FetchAnd:
                value = old & op.A;
                break;
            case OperationKind.FetchOr:
                value = old | op.A;
                break;
            case OperationKind.FetchXor:
                value = old ^ op.A;
                break;
            case OperationKind.AddUnless:
                if (old == op.B)
                    return false;
                value = old + op.A;
                break;
            case OperationKind.AwaitExchange:
                value = op.B;
                break;
            default:
                throw new InvalidOperationException($"{op.Kind} is no access to a cell.");
        }

        location.Value = new CellValue(value & location.Mask, null);
        return true;
    }

    private static bool DoReference(ref Operation op, Location location)
    {
        object? old = location.Value.Reference;
        op.RefResult = old;
        switch (op.Kind)
        {
            case OperationKind.Load or OperationKind.Await:
                return false;
            case OperationKind.CompareExchange:
                if (!ReferenceEquals(old, op.RefA))
                    return false;
                location.Value = new CellValue(0, op.RefB);
                return true;
            default:
                location.Value = new CellValue(0, op.RefA);
                return true;
        }
    }

    private static bool DoField(ref Operation op, Location location)
    {
        long mask = op.FieldBits == 64 ? -1 : (1L << op.FieldBits) - 1;
        long old = location.Value.Bits;
        op.Result = (old >> op.FieldShift) & mask;
        if (op.Kind == OperationKind.Load)
            return false;
        long value = (old & ~(mask << op.FieldShift)) | ((op.A & mask) << op.FieldShift);
        location.Value = new CellValue(value & location.Mask, null);
        return true;
    }

    private bool DoLock(Role role, Location location)
    {
        ref Operation op = ref role.Op;
        if (op.Kind >= OperationKind.RcuReadLock)
        {
            DoRcu(role, location);
            return true;
        }

        var holder = new Access
        {
            Thread = (byte)Trace.OwnerOf(role.Index),
            Mode = op.Mode,
            First = (ulong)op.A,
            Last = (ulong)op.B,
        };
        switch (op.Kind)
        {
            case OperationKind.Acquire:
                location.Holders.Add(holder);
                return true;
            case OperationKind.TryAcquire:
                op.Result = IsHeld(location, op) ? 0 : 1;
                if (op.Result != 0)
                    location.Holders.Add(holder);
                return op.Result != 0;
            default:
                for (int h = 0; h < location.Holders.Count; h++)
                {
                    Access held = location.Holders[h];
                    if (held.Mode == holder.Mode && held.First == holder.First && held.Last == holder.Last
                        && (held.Thread == holder.Thread || holder.Mode == LockMode.Write))
                    {
                        location.Holders.RemoveAt(h);
                        return true;
                    }
                }

                Report(ViolationKind.UnbalancedRelease, role, $"{role.Name} releases {NameOf(location)}, which is not held so");
                return true;
        }
    }

    private static bool IsHeld(Location location, in Operation op)
    {
        foreach (Access held in location.Holders)
        {
            if ((held.Mode == LockMode.Write || op.Mode == LockMode.Write)
                && held.First <= (ulong)op.B && (ulong)op.A <= held.Last)
            {
                return true;
            }
        }

        return false;
    }

    // The happens-before of the memory model, for plain accesses: what a release publishes, an acquire takes in. Relaxed
    // accesses publish what a release fence has covered and keep what they see for a later acquire fence.
    private static void Synchronise(Role role, Location location, bool writes)
    {
        ref Operation op = ref role.Op;
        ref ushort mine = ref role.Synchronised[0];
        bool reads = op.Kind is not (OperationKind.Store or OperationKind.Release);
        bool full = op.Order == Order.Full;

        if (op.Kind >= OperationKind.RcuReadLock)
            return;
        if (location.IsLock)
        {
            if (writes && op.Kind == OperationKind.Release)
                location.KeepRelease(op, ref mine);
            else if (writes)
                location.JoinReleases(op, ref mine);
            if (op.Kind == OperationKind.Release)
                role.NextEpoch();
            return;
        }

        if (reads && location.HasReleased)
        {
            // A read-modify-write that fails orders nothing, as in the kernel.
            bool failed = !writes && op.Kind is (OperationKind.CompareExchange or OperationKind.AddUnless);
            bool acquires = !failed && op.Order is (Order.Acquire or Order.Full);
            location.JoinReleased(ref acquires ? ref mine : ref role.Seen[0], op);
        }

        if (!writes)
            return;
        if (full)
        {
            Clock.Join(ref mine, ref role.Seen[0]);
            Clock.Copy(ref role.Fenced[0], ref mine);
        }

        // A read-modify-write continues the release sequence that it reads from; a store begins a new one.
        bool releases = full || op.Order == Order.Release;
        location.Release(ref releases ? ref mine : ref role.Fenced[0], keepEarlier: reads, op);
        role.NextEpoch();
    }

    private void SynchroniseBeyondMemory(Role role, ref Event step)
    {
        ref Operation op = ref role.Op;
        ref ushort mine = ref role.Synchronised[0];
        switch (op.Kind)
        {
            case OperationKind.Join:
                for (uint left = step.Access.Joined; left != 0; left &= left - 1)
                {
                    int joined = System.Numerics.BitOperations.TrailingZeroCount(left);
                    Clock.Join(ref mine, ref _roles[joined]!.Synchronised[0]);
                }

                break;
            case OperationKind.AwaitMany:
                foreach (int place in step.Access.Footprint!)
                {
                    Location cell = Places[place];
                    if (cell.HasReleased)
                        Clock.Join(ref op.Order == Order.Relaxed ? ref role.Seen[0] : ref mine, ref cell.Released![0]);
                    if (cell.Owner is { } owner)
                        Touch(role, owner, cell, step.Index);
                }

                KeepOperands(ref step, op);
                break;
            case OperationKind.Fence or OperationKind.ProcessWideFence or OperationKind.ProcessWideFenceEnd:
                if (op.Order is Order.Acquire or Order.Full)
                    Clock.Join(ref mine, ref role.Seen[0]);
                if (op.Kind == OperationKind.ProcessWideFence && _buffers)
                    AskForBarriers(role, Trace.StepOf(role.Index, step.Index));
                else if (op.Kind is OperationKind.ProcessWideFence or OperationKind.ProcessWideFenceEnd)
                    TakeInEverythingBefore(role, ref Trace.ClockOf(Trace.StepOf(role.Index, step.Index)));
                if (op.Order is Order.Release or Order.Full)
                {
                    Clock.Copy(ref role.Fenced[0], ref mine);
                    role.NextEpoch();
                }

                break;
        }
    }

    // The fence runs in every thread, so whatever a thread did before a step that comes before the fence is done.
    private void TakeInEverythingBefore(Role role, ref ushort clock)
    {
        for (int t = 0; t < _roleCount; t++)
        {
            ushort index = Unsafe.Add(ref clock, t);
            if (t == role.Index || index == 0 || _roles[t]!.IsBuffer)
                continue;
            ushort epoch = Trace.Events[Trace.StepOf(t, index)].Epoch;
            role.Synchronised[t] = Math.Max(role.Synchronised[t], epoch);
        }
    }

    private void Touch(Role role, SharedMemory owner, Location location, ushort index)
    {
        // What a thread has stored before it frees the object is drained before the memory can be anybody else's.
        if (owner.Freed && !(role.IsBuffer && owner.FreedBy == role.Index - 1))
            ReportUseAfterFree(role, owner, location);
        owner.Touched[role.Index] = index;
    }

    private void Record(byte thread)
    {
        if (StepsDone == _schedule.Length)
            Array.Resize(ref _schedule, _schedule.Length * 2);
        if (_schedule[StepsDone] != thread)
            _schedule[StepsDone] = thread;
        StepsDone++;
    }

    private void RecordChoice(ushort choice)
    {
        if (_choiceCount == _choices.Length)
            Array.Resize(ref _choices, _choices.Length * 2);
        _choices[_choiceCount++] = choice;
    }
}
