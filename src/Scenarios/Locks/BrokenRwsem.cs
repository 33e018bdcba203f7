using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>Read-write semaphores that take one of their steps otherwise than they should, for the checks to find.</summary>
internal static class BrokenRwsem
{
    /// <summary>Readers are let go first and counted afterwards (B35, kernel commit a9e9bcb45b15).</summary>
    internal sealed class LetsGoFirst : WatchedRwsem
    {
        internal override void Admit(long adjustment, Waiter? readers, Sleeper waker)
        {
            LetGo(readers, waker);
            Count(adjustment);
        }
    }

    /// <summary>The waker looks for the next waiter in the node of one that it has let go.</summary>
    internal sealed class FollowsDeadNode : WatchedRwsem
    {
        internal override void LetGo(Waiter? readers, Sleeper waker)
        {
            for (; readers is not null; readers = readers.Next.Read())
            {
                waker.WakeLater(readers.Thread.Read()!);
                readers.State.StoreRelease(Waiter.LetGo);
            }
        }
    }

    /// <summary>The waker takes hold of the thread when it has let it go already.</summary>
    internal sealed class WakesStranger : WatchedRwsem
    {
        internal override void LetGo(Waiter? readers, Sleeper waker)
        {
            while (readers is not null)
            {
                Waiter? next = readers.Next.Read();
                readers.State.StoreRelease(Waiter.LetGo);
                waker.WakeLater(readers.Thread.Read()!);
                readers = next;
            }
        }
    }

    /// <summary>A reader that takes itself off the count does not look whether that has left the lock free.</summary>
    internal sealed class OwesWakeUp : WatchedRwsem
    {
        internal override Sleeper? LetGoIfFree(long count) => null;
    }

    /// <summary>Whoever is in the queue may take the lock.</summary>
    internal sealed class AnyWaiterTakes : ImpatientRwsem
    {
        internal override bool MayTry(Waiter waiter) => true;
    }

    /// <summary>Whoever is in the queue spins as soon as the lock is handed off (B39, kernel commit b613c7f31476).</summary>
    internal sealed class SpinsBehind : ImpatientRwsem
    {
        internal override void SleepToWrite(Waiter wait)
        {
            if (!IsHandedOff || !IsBehind)
                base.SleepToWrite(wait);
        }
    }

    /// <summary>A spinning writer does not care for a hand-off.</summary>
    internal sealed class SpinnerIgnoresHandoff : ImpatientRwsem
    {
        internal override long NoOvertakingByWriter => base.NoOvertakingByWriter & ~Handoff;
    }

    /// <summary>A reader that comes does not care for a hand-off.</summary>
    internal sealed class ReaderIgnoresHandoff : ImpatientRwsem
    {
        internal override long NoOvertaking => base.NoOvertaking & ~Handoff;
    }

    /// <summary>A reader that comes does not care how many there are.</summary>
    internal sealed class NeverFull(long readersInside) : WatchedRwsem(readersInside: readersInside)
    {
        internal override long NoReader => base.NoReader & ~ReadFail;
    }

    /// <summary>Who lets readers in the queue go does not care how many there are.</summary>
    internal sealed class WakesIntoCrowd(long readersInside) : WatchedRwsem(readersInside: readersInside)
    {
        internal override bool IsFull => false;
    }

    /// <summary>Who lets the first in the queue go, a reader, leaves the hand-off behind.</summary>
    internal sealed class HandoffStays : ImpatientRwsem
    {
        internal override void Admit(long adjustment, Waiter? readers, Sleeper waker) =>
            base.Admit(adjustment + (IsHandedOff ? Handoff : 0), readers, waker);
    }

    /// <summary>A writer leaves, and comes back as a reader.</summary>
    internal sealed class DowngradesInTwoSteps : WatchedRwsem
    {
        public override void Downgrade()
        {
            UpWrite();
            DownRead();
        }
    }

    /// <summary>
    /// Who leaves wakes nobody if a writer spins: the spinner will either take the lock, or go into the queue and find it free.
    /// That is so only if the spinner is looked for behind the step that made the lock free (B36, kernel commit 9c29c31830a4).
    /// </summary>
    internal sealed class ElidesWakeUps : WatchedRwsem
    {
        private readonly bool _early;
        private readonly ModelLocal<Look> _look = new(static () => new Look());
        private Cell<int> _spinners;

        public ElidesWakeUps(bool early)
        {
            _early = early;
            _spinners = new Cell<int>(this, 0, "spinners");
        }

        public override void Leave()
        {
            if (_early)
                _look.Value.Found = _spinners.ReadOnce() != 0;
            base.Leave();
        }

        internal override bool SpinToWrite()
        {
            _spinners.FetchAdd(1);
            bool taken = base.SpinToWrite();
            _spinners.FetchAdd(-1);
            return taken;
        }

        internal override void WakeFirst()
        {
            bool found = _early ? _look.Value.Found : _spinners.ReadOnce() != 0;
            Execution.Reached("a wake-up was left to a spinner", found);
            if (!found)
                base.WakeFirst();
        }

        private sealed class Look
        {
            [ThreadPrivate("each thread has its own")]
            public bool Found;
        }
    }
}
