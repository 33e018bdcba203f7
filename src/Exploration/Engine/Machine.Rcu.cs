using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// RCU as a specification: readers are intervals; a grace period begins, and ends when the readers that had begun by then have ended.
/// </summary>
/// <remarks>
/// A reader's beginning conflicts with a grace period's: their order says whether the one must wait for the other. Nothing
/// else conflicts. That a grace period ends after the readers that it waits for is a release that lets an acquire through.
/// A reader that begins before a grace period comes before its end in any case, so the order of the reader's end and of the
/// grace period's beginning makes no difference.
/// </remarks>
internal sealed partial class Machine
{
    /// <summary>
    /// A thread asks for an operation of RCU. False if there is nothing to be done but to count: readers nest.
    /// </summary>
    public bool IsRcuStep(Role role)
    {
        ref Operation op = ref role.Op;
        Location location = Find(op.Location);
        role.Readers.TryGetValue(location.Place, out int depth);
        switch (op.Kind)
        {
            case OperationKind.RcuReadLock:
                role.Readers[location.Place] = depth + 1;
                return depth == 0;
            case OperationKind.RcuReadUnlock when depth == 0:
                Report(ViolationKind.RcuUsage, role, $"{role.Name} ends a reader of {NameOf(location)}, and is in none");
                return false;
            case OperationKind.RcuReadUnlock:
                role.Readers[location.Place] = depth - 1;
                return depth == 1;
            case OperationKind.RcuSynchronize when depth > 0:
                Report(ViolationKind.RcuUsage, role,
                    $"{role.Name} waits for a grace period of {NameOf(location)} inside a reader of its own, which can never end");
                return true;
            default:
                return true;
        }
    }

    /// <summary>A thread has come to its end, where it must be in no reader.</summary>
    public void CheckReaders(Role role)
    {
        foreach ((int place, int depth) in role.Readers)
        {
            if (depth > 0)
                Report(ViolationKind.RcuUsage, role, $"{role.Name} ends inside a reader of {NameOf(Places[place])}");
        }
    }

    private void DoRcu(Role role, Location location)
    {
        RcuState rcu = location.Rcu ??= new RcuState();
        ref ushort mine = ref role.Synchronised[0];
        switch (role.Op.Kind)
        {
            case OperationKind.RcuReadLock:
                rcu.Begin(role.Index);
                Clock.Join(ref mine, ref rcu.Begun[0]);
                break;
            case OperationKind.RcuReadUnlock:
                int reader = Trace.OwnerOf(role.Index);
                ref ushort published = ref role.IsBuffer
                    ? ref _roles[reader]!.Buffer!.Oldest.Published[0]
                    : ref mine;
                rcu.End(reader, ref published);
                for (int r = 0; r < _roleCount; r++)
                {
                    Role waiter = _roles[r]!;
                    if (waiter.State != Role.Stage.Unborn && waiter.GraceIn == location.Place && (waiter.GraceWaits & (1u << reader)) != 0)
                    {
                        if (--waiter.GraceLeft[reader] == 0)
                            waiter.GraceWaits &= ~(1u << reader);
                        Clock.Join(ref waiter.Grace[0], ref published);
                    }
                }

                if (!role.IsBuffer)
                    role.NextEpoch();
                break;
            case OperationKind.RcuSynchronize:
                role.GraceIn = location.Place;
                role.GraceWaits = rcu.Readers;
                for (int r = 0; r < _roleCount; r++)
                    role.GraceLeft[r] = rcu.OpenOf(r);
                Clock.Fill(ref role.Grace[0], 0);
                rcu.JoinEnded(ref role.Grace[0]);
                FenceFully(role);
                Clock.Join(ref rcu.Begun[0], ref role.Fenced[0]);
                break;
            default:
                role.GraceIn = 0;
                Clock.Join(ref mine, ref role.Grace[0]);
                FenceFully(role);
                break;
        }
    }

    private static void FenceFully(Role role)
    {
        Clock.Join(ref role.Synchronised[0], ref role.Seen[0]);
        Clock.Copy(ref role.Fenced[0], ref role.Synchronised[0]);
        role.NextEpoch();
    }

    private string GraceInWords(Role role) => string.Join(
        " and ",
        Enumerable.Range(0, _roleCount).Where(t => (role.GraceWaits & (1u << t)) != 0)
            .Select(t => t == role.Index ? "itself" : _roles[t]!.Name));
}
