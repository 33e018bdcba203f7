using Microsoft.Coyote.Runtime;
using Microsoft.Coyote.Specifications;
using RcuModel.Exploration.Engine;
using CoyoteOperation = Microsoft.Coyote.Runtime.Operation;
using CoyoteThread = Microsoft.Coyote.Rewriting.Types.Threading.Thread;

namespace RcuModel.Coyote.Driving;

/// <summary>
/// Lets Coyote deal out the turns: each role is a thread of Coyote's, each step of the hook a scheduling point, and a step
/// that cannot be done yet a pause until it can.
/// </summary>
/// <remarks>
/// <para>
/// # A step that cannot be done does not ask first. Its thread pauses at once, so that Coyote knows that it cannot move.
/// Coyote looks at the condition of whoever pauses at every scheduling point, but never again at that of somebody who could
/// move once; such a thread may be scheduled in vain, and pauses then.
/// </para>
/// <para>
/// # What is no scheduling point: the first step of a thread, for that Coyote has started it says the same; the steps of a
/// thread that is alone; births, so that threads that are started one after the other begin side by side.
/// </para>
/// <para>
/// # The end. The body's thread stays until nobody else can move, because Coyote's execution ends with it. If somebody then
/// waits for ever, and must not, it stays, too: nobody can move, and Coyote says that this is a deadlock.
/// </para>
/// <para>
/// # Threads that are given up. Coyote interrupts them; they leave the body with their operations having no effect, and
/// then tell Coyote that they were interrupted. The next execution begins when all have left.
/// </para>
/// </remarks>
internal sealed class Turns : ITurns
{
    private const int StackBytes = 1 << 20;

    // They unwind in microseconds; if they do not, the body holds one of them up, and there is no going on.
    private static readonly TimeSpan s_unwinding = TimeSpan.FromSeconds(20);

    private readonly Dictionary<(string File, int Line), string> _sites = [];
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _left = new();
    private readonly bool _mayBlock;
    private readonly bool _stopsAtFirst;
    private Machine _machine = null!;
    private Execution _current = null!;

    /// <param name="mayBlock">Whether an execution may end with threads that wait for ever.</param>
    /// <param name="stopsAtFirst">Whether the first violation is the last.</param>
    public Turns(bool mayBlock, bool stopsAtFirst)
    {
        _mayBlock = mayBlock;
        _stopsAtFirst = stopsAtFirst;
    }

    /// <summary>What performs the steps; set once.</summary>
    public Machine Machine { set => _machine = value; }

    /// <summary>What Coyote says is wrong with this execution; null if nothing is.</summary>
    public string? Bug { get; private set; }

    /// <summary>Runs one execution; Coyote calls it on the thread of its first operation.</summary>
    public void Body()
    {
        Bug = null;
        _ = _machine.BeginDriven();
        var execution = new Execution();
        _current = execution;
        RuntimeProvider.Current.OnFailure += failure => Fail(execution, failure);
        Role body = _machine.RoleAt(0);
        Live(execution, body, () =>
        {
            _machine.PlayDriven(body);
            if (!_machine.Abandoning)
                Pause(execution, body, () => IsOver(body));
            if (!execution.IsOver)
                Judge(execution);
        });
    }

    /// <summary>
    /// Returns when all threads have left the execution, which Coyote has ended. False if it was neither run to its end nor
    /// violated anything: Coyote has given it up.
    /// </summary>
    public bool AwaitEnd()
    {
        Execution execution = _current;
        execution.IsOver = true;
        while (Volatile.Read(ref execution.Threads) != 0)
        {
            if (!_left.Wait(s_unwinding))
                throw new InvalidOperationException("A thread of the body does not leave an execution that Coyote has ended.");
            _left.Reset();
        }

        return execution.IsJudged;
    }

    public void Born(Role role) => Start(_current, role, () => _machine.PlayDriven(role));

    public void Wait(Role role)
    {
        Execution execution = _current;
        if (execution.IsOver)
        {
            _machine.AbandonDriven();
            return;
        }

        try
        {
            bool first = execution.Begins(role.Index);
            if (first || _machine.IsAlone(role))
            {
                // Coyote has just said that this thread is to move, or there is no other one.
                if (MayGo(execution, role))
                    return;
            }
            else if (MayGo(execution, role))
            {
                CoyoteOperation.RegisterCallSite(SiteOf(role));
                SchedulingPoint.Interleave();
            }

            Pause(execution, role, () => MayGo(execution, role) || HasStalled(role));
            if (!execution.IsOver && !_machine.Abandoning && !MayGo(execution, role))
                Judge(execution);
        }
        catch (ThreadInterruptedException)
        {
            GiveUp(execution);
        }
    }

    public void Done(Role role)
    {
        Execution execution = _current;
        execution.LastTurn = role.Index;
        if (_machine.StepsDone >= _machine.StepLimit && !_machine.Abandoning)
            _machine.OnStepLimit(ref execution.TakesTurns);
        if (_machine.HasBuffers && !_machine.Abandoning)
            StartBuffers(execution);
    }

    // A store buffer is a thread of its own, from its first store on.
    private void StartBuffers(Execution execution)
    {
        for (int r = 1; r < _machine.RoleCount; r += 2)
        {
            Role buffer = _machine.RoleAt(r);
            if (buffer.State == Role.Stage.Pending && execution.HasNoThread(r))
                Start(execution, buffer, () => Drain(execution, buffer));
        }
    }

    private void Drain(Execution execution, Role buffer)
    {
        while (!_machine.Abandoning && !execution.IsOver)
        {
            if (buffer.State == Role.Stage.Pending)
                Wait(buffer);
            else
                Pause(execution, buffer, () => buffer.State == Role.Stage.Pending && MayGo(execution, buffer));
            if (_machine.Abandoning || execution.IsOver || buffer.State != Role.Stage.Pending)
                continue;
            _machine.Perform(buffer);
            Done(buffer);
        }
    }

    private void Start(Execution execution, Role role, Action life)
    {
        execution.HasThread(role.Index);
        SchedulingPoint.Suppress();
        try
        {
            Thread thread = CoyoteThread.Create(() => Live(execution, role, life), StackBytes);
            CoyoteThread.Start(thread);
        }
        catch (ThreadInterruptedException)
        {
            GiveUp(execution);
        }

        SchedulingPoint.Resume();
    }

    private void Live(Execution execution, Role role, Action life)
    {
        // A thread may begin, if it does at all, when its execution has ended and the next one has begun.
        Interlocked.Increment(ref execution.Threads);
        try
        {
            if (execution.IsOver)
                return;
            try
            {
                life();
            }
            catch (ThreadInterruptedException)
            {
                GiveUp(execution);
            }

            if (!execution.IsOver && _stopsAtFirst && _machine.FirstViolation is { } violation)
                Tell(violation.Rule);
            if (execution.IsOver)
                throw new ThreadInterruptedException();
        }
        finally
        {
            Leave(execution);
        }
    }

    // Nobody can move any more.
    private void Judge(Execution execution)
    {
        execution.IsJudged = true;
        _machine.CompleteDriven();
    }

    // Coyote takes it for a bug of this execution, and interrupts everybody.
    private static void Tell(string rule) => Specification.Assert(false, "{0}", rule);

    private void Leave(Execution execution)
    {
        if (Interlocked.Decrement(ref execution.Threads) == 0)
            _left.Set();
    }

    // Under Coyote's lock, with everybody else asleep.
    private void Fail(Execution execution, Exception failure)
    {
        if (execution.IsOver)
            return;
        Bug = failure.Message;
        if (_machine.FirstViolation is null && failure.Message.StartsWith("Deadlock detected", StringComparison.Ordinal))
            Judge(execution);
        execution.IsJudged = true;
        execution.IsOver = true;
        _machine.AbandonDriven();
    }

    private void GiveUp(Execution execution)
    {
        lock (_gate)
        {
            if (execution.IsOver && !ReferenceEquals(execution, _current))
                return;
            execution.IsOver = true;
            _machine.AbandonDriven();
        }
    }

    // Returns when the condition holds or the execution is over. Coyote lets a thread out of a pause when it ends.
    private void Pause(Execution execution, Role role, Func<bool> condition)
    {
        while (!execution.IsOver && !_machine.Abandoning && !condition())
        {
            CoyoteOperation.RegisterCallSite(SiteOf(role));
            CoyoteOperation.PauseUntil(() => execution.IsOver || _machine.Abandoning || condition());
            if (!execution.IsOver && !_machine.Abandoning && !condition())
                GiveUp(execution);
        }
    }

    // Whether a role's step can be done and, once an execution is long and everybody has a turn, whether it is the next one.
    private bool MayGo(Execution execution, Role role) =>
        role.State == Role.Stage.Pending && _machine.CanDo(role) && (!execution.TakesTurns || IsNext(execution, role));

    private bool IsNext(Execution execution, Role role)
    {
        for (int r = 0; r < _machine.RoleCount; r++)
        {
            if (_machine.RoleAt(r).State == Role.Stage.Spawned)
                return false;
        }

        for (int r = execution.LastTurn + 1; r <= execution.LastTurn + _machine.RoleCount; r++)
        {
            Role next = _machine.RoleAt(r % _machine.RoleCount);
            if (next.State == Role.Stage.Pending && _machine.CanDo(next))
                return ReferenceEquals(next, role);
        }

        return true;
    }

    // Where an execution may end with threads that wait, the body's thread notices that nobody can move; elsewhere Coyote does.
    private bool HasStalled(Role role) => _mayBlock && role.Index == 0 && _machine.OthersStandStill(role);

    private bool IsOver(Role body) => _machine.OthersStandStill(body) && (_mayBlock || !_machine.SomebodyWaits(body));

    private string SiteOf(Role role)
    {
        (string, int) place = (role.Op.File ?? "", role.Op.Line);
        if (!_sites.TryGetValue(place, out string? site))
            _sites[place] = site = FormattableString.Invariant($"{place.Item1}:{place.Item2}");
        return site;
    }

    /// <summary>What belongs to one execution, so that a thread of the last one does not take the next one for its own.</summary>
    private sealed class Execution
    {
        private uint _threads = 1;
        private uint _begun;

        /// <summary>Whether Coyote has ended it.</summary>
        public volatile bool IsOver;

        /// <summary>Whether it was run to its end, or to a violation.</summary>
        public bool IsJudged;

        /// <summary>Threads that are in it.</summary>
        public int Threads;

        /// <summary>Whether it is so long that all take turns, and who had the last one.</summary>
        public bool TakesTurns;
        public int LastTurn;

        public bool HasNoThread(int role) => (_threads & (1u << role)) == 0;

        public void HasThread(int role) => _threads |= 1u << role;

        /// <summary>Whether this is the first step of a thread.</summary>
        public bool Begins(int role)
        {
            bool first = (_begun & (1u << role)) == 0;
            _begun |= 1u << role;
            return first;
        }
    }
}
