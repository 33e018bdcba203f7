using System.Runtime.CompilerServices;
using RcuModel.Exploration.Handoff;
using RcuModel.Exploration.Reduction;
using RcuModel.Exploration.Reporting;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// Runs executions of one body, one after the other: real threads, one of them moving at a time.
/// </summary>
/// <remarks>
/// <para>
/// # The baton. Whoever holds it runs; at each operation on shared memory it asks the strategy what comes next and, if
/// that is itself, returns at once. There is no scheduler thread.
/// </para>
/// <para>
/// # Steps are done before threads go on. A role's next operation is known as soon as it asks for it, and may then be
/// performed by whoever holds the baton, without waking the role: the result waits for it. A role is woken only when what
/// it does <em>next</em> must be known. That halves the switches.
/// </para>
/// <para>
/// # Stacks are not threads. When a role ends, its worker takes up any role that has not begun; a body that waits for its
/// threads lends its own stack to one of them. The next execution begins on the worker where the last one ended.
/// </para>
/// <para>
/// # Logical and actual order. The reduction thinks of the shared prefix as one sequence; here it is run in whatever
/// order has the fewest switches among those with the same happens-before.
/// </para>
/// </remarks>
internal sealed partial class Machine
{
    // Taking and giving back CPUs costs microseconds, a starving neighbour milliseconds.
    private const int ExecutionsPerBalance = 256;

    private readonly Action _body;
    private readonly Strategy _strategy;
    private readonly EngineLimits _limits;
    private readonly Role?[] _roles = new Role?[Clock.Lanes];
    private readonly RoleNumbers _numbers;
    private readonly List<Worker> _workers = [];
    private readonly ManualResetEventSlim _over = new();
    private readonly CpuLease _lease;
    private readonly Baton _baton;
    private readonly ushort[] _done = new ushort[Clock.Lanes];
    private byte[] _schedule = new byte[256];
    private ushort[] _choices = new ushort[16];
    private int _choiceCount;
    private Role? _assignment;
    private bool _stopping;
    private int _sinceBalance;
    private readonly int _cpusWanted;
    private bool _completed;
    private Exception? _crash;
    private int _roleCount;

    public Machine(Action body, Strategy strategy, EngineLimits limits, int cpus, RoleNumbers? numbers = null)
    {
        _numbers = numbers ?? new RoleNumbers();
        _body = body;
        _strategy = strategy;
        _limits = limits;
        strategy.Machine = this;
        _buffers = limits.Memory != MemoryModel.Sc;
        Trace = new Trace(Places, _buffers);
        _cpusWanted = cpus;
        _lease = CpuLease.Take(cpus);
        _baton = Baton.Create(_lease);
    }

    public Places Places { get; } = new();

    public Trace Trace { get; }

    /// <summary>In which order threads take locks.</summary>
    public LockOrder LockOrder { get; } = new();

    /// <summary>Whether the execution is being given up, so that stacks unwind.</summary>
    public bool Abandoning { get; private set; }

    /// <summary>Steps done in this execution.</summary>
    public int StepsDone { get; private set; }

    /// <summary>How many steps each thread has done in this execution.</summary>
    public ushort[] Done => _done;

    public int RoleCount => _roleCount;

    /// <summary>Steps after which an execution is too long.</summary>
    public int StepsMax => _limits.StepsMax;

    /// <summary>When an execution has this many steps, its strategy calls <see cref="OnStepLimit"/>.</summary>
    public int StepLimit { get; private set; }

    public EngineCounters Counters { get; } = new();

    public Violation? FirstViolation { get; set; }

    /// <summary>What the last execution violated, for who runs many and judges each by itself.</summary>
    public Violation? TakeViolation()
    {
        Violation? taken = FirstViolation;
        FirstViolation = null;
        return taken;
    }

    /// <summary>Ends the execution without a verdict: it is not the one that its strategy wanted.</summary>
    public void GiveUp() => Abandoning = true;

    public HashSet<string> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>Collects what happens, for the report; null while searching.</summary>
    public ExecutionLog? Log { get; set; }

    /// <summary>Asked before each execution; false ends the exploration.</summary>
    public Func<bool> GoOn { get; set; } = static () => true;

    public Role RoleAt(int index) => _roles[index]!;

    /// <summary>Runs until the strategy has no more executions or the budget ends it.</summary>
    public void Run()
    {
        if (!Hook.Enabled)
            throw new InvalidOperationException(Hook.GateClosed);
        if (BeginExecution())
        {
            NewWorker();
            _assignment = _roles[0];
            _roles[0]!.Worker = _workers[0];
            _baton.Pass(0);
            _over.Wait();
            foreach (Worker worker in _workers)
                worker.Join();
        }

        _baton.Dispose();
        _lease.Dispose();
        if (_crash is not null)
            throw new InvalidOperationException($"The explorer itself failed: {_crash.Message}", _crash);
    }

    /// <summary>The life of a worker.</summary>
    public void Work(Worker worker)
    {
        try
        {
            _baton.Attach(worker.Slot);
            _baton.Wait(worker.Slot);
            if (!_stopping)
                Serve(worker, self: null, _assignment);
        }
        catch (Exception crash)
        {
            // Roles that are still on a stack must unwind, not go on as if their step had been done.
            _crash ??= crash;
            Abandoning = true;
            Stop(worker);
        }
        finally
        {
            PassStop();
            _baton.Detach(worker.Slot);
        }
    }

    /// <summary>Names the role whose own code must run next; null when the exploration is over.</summary>
    public Role? NextRole(Role? current)
    {
        while (true)
        {
            Role? next = Abandoning ? NextToUnwind() : _strategy.Advance(current);
            if (Foresees && !Abandoning)
            {
                // Nothing is said of the execution before everybody's own code has come as far as it can.
                if (next is null)
                {
                    next = SomeoneBehind();
                }
                else if (Foresee(next) || Abandoning)
                {
                    current = next;
                    continue;
                }
            }

            if (next is not null)
                return next;
            if (!OnStandstill())
                return null;
            current = null;
        }
    }

    /// <summary>Lets another role run, and returns when it is this one's turn.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void SwitchAway(Role self, Role? next) => Serve(self.Worker!, self, next);

    private void Serve(Worker worker, Role? self, Role? next)
    {
        while (true)
        {
            if (ReferenceEquals(next, self) && self is not null)
                return;
            if (next is null)
            {
                Stop(worker);
                return;
            }

            if (!next.IsPlayed && (ReferenceEquals(next.Worker, worker) || CanHost(self, next)))
            {
                Play(worker, next, self);
                if (_stopping)
                    return;
                next = NextRole(next);
                continue;
            }

            _assignment = next;
            next.Worker ??= IdleWorker();
            Counters.Switches++;
            _baton.Pass(next.Worker.Slot);
            _baton.Wait(worker.Slot);
            if (_stopping)
                return;
            next = _assignment;
        }
    }

    // A free stack can take any role. A role that waits for others to end can lend its stack to one of those, because it
    // cannot go on before that one has ended.
    private bool CanHost(Role? self, Role next)
    {
        if (next.Worker is not null)
            return false;
        return self is null
            || (self.State == Role.Stage.Pending && self.Op.Kind == OperationKind.Join && !Abandoning
                && (self.Joined & (1u << next.Index)) != 0);
    }

    private void Play(Worker worker, Role role, Role? below)
    {
        role.Worker = worker;
        role.IsPlayed = true;
        role.CatchUp();
        worker.Top = role;
        PlayBody(role, below);
        worker.Top = below;
    }

    private void PlayBody(Role role, Role? below)
    {
        Hook.Current = role;
        try
        {
            role.Seed(_limits.Fault);
            role.Body();
            role.FlushFault();
            if (role.Readers.Count > 0)
                CheckReaders(role);
            if (role.CatchesUp && !Abandoning)
                ReportSurprise(role, "ends, and went on before");
        }
        catch (AbandonedException)
        {
        }
        catch (Exception failure) when (!Abandoning)
        {
            ReportFailure(role, failure);
            if (role.CatchesUp)
                Abandoning = true;
        }
        catch (Exception) when (Abandoning)
        {
            // A body that fails while it unwinds fails because its operations had no effect.
        }

        Hook.Current = below;
        role.State = Role.Stage.Finished;
    }

    private Worker IdleWorker()
    {
        foreach (Worker worker in _workers)
        {
            if (worker.Top is null)
                return worker;
        }

        return NewWorker();
    }

    private Worker NewWorker()
    {
        var worker = new Worker(this, _workers.Count);
        _workers.Add(worker);
        BalanceCpus();
        worker.Start();
        return worker;
    }

    // Two workers a CPU still gain from a second one; with more, somebody else had better have it. So had whoever has none
    // at all: test assemblies like to run side by side. What has become free is taken.
    private void BalanceCpus()
    {
        _sinceBalance = 0;
        int cpus = _lease.Cpus.Length;
        if (cpus > 1 && (_workers.Count > 2 * cpus || _lease.OthersStarve()))
        {
            _lease.Shrink(1);
            _baton.Refresh();
        }
        else if (cpus < _cpusWanted && _workers.Count <= 2 * _cpusWanted && _lease.TryGrow(_cpusWanted))
        {
            _baton.Refresh();
        }
    }

    private void Stop(Worker self)
    {
        _stopping = true;
        _stopper = self;
    }

    // There is one baton: each worker that ends hands it to the next, the last one says that all is over.
    private void PassStop()
    {
        while (_stopped < _workers.Count)
        {
            Worker next = _workers[_stopped++];
            if (next == _stopper)
                continue;
            _baton.Pass(next.Slot);
            return;
        }

        _over.Set();
    }

    private Worker? _stopper;
    private int _stopped;

    private Role? NextToUnwind()
    {
        for (int r = 0; r < _roleCount; r++)
        {
            Role role = _roles[r]!;
            if (role.Worker is not null && role.State is Role.Stage.Pending or Role.Stage.Ready or Role.Stage.Running
                && ReferenceEquals(role.Worker!.Top, role))
            {
                return role;
            }
        }

        return null;
    }

    // Nothing can move: the execution is complete, or stuck, or its stacks are unwound. True if there is more to do.
    private bool OnStandstill()
    {
        if (!_completed)
        {
            _completed = true;
            if (!Abandoning)
            {
                Classify();
                if (_limits.CountClasses && Counters.Classes.Count < EngineCounters.ClassesMax)
                    Counters.Classes.Add(Trace.ClassHash(_roleCount));
                _strategy.Complete();
            }

            Abandoning = true;
            return true;
        }

        if (!_strategy.IsRepetition)
            Counters.Executions++;
        Counters.Steps += StepsDone;
        Counters.DeepestTrace = Math.Max(Counters.DeepestTrace, StepsDone);
        if (FirstViolation is not null && _limits is { StopAtFirst: true, RunsOn: false })
            return false;
        return BeginExecution();
    }

    private bool BeginExecution()
    {
        if (!GoOn())
            return false;
        if (!_strategy.Begin())
        {
            Counters.Exhausted = true;
            return false;
        }

        if (++_sinceBalance >= ExecutionsPerBalance)
            BalanceCpus();
        Abandoning = false;
        _completed = false;
        _violated = false;
        StepsDone = 0;
        StepLimit = _limits.StepsMax;
        _choiceCount = 0;
        Array.Clear(_done);
        ResetMemory();
        LockOrder.BeginExecution();
        _behaviours?.BeginExecution();
        for (int r = 0; r < _roleCount; r++)
            _roles[r]!.State = Role.Stage.Unborn;
        MakeRolesUpTo(0);

        _roles[0]!.Parent = 0;
        _roles[0]!.SpawnedAfter = 0;
        _roles[0]!.Spawn("main", _body, background: false, parent: null, _limits.SpuriousPerThread);
        _roles[0]!.At = _behaviours is null ? Behaviours.Nowhere : Behaviours.Root;
        if (_buffers)
            BeginBuffer(_roles[0]!);
        return true;
    }

    /// <summary>A thread is born. Its number is that of (its parent, the parent's n-th child) in every execution.</summary>
    public int SpawnRole(Role parent, string name, Action body, bool background)
    {
        // Threads that somebody else schedules unwind side by side.
        if (Abandoning && Turns is not null)
            return parent.Index;
        int ordinal = parent.Spawns++;
        if (ordinal == parent.Children.Count)
        {
            parent.Children.Add(LanesPerThread
                * _numbers.Of(parent.Index, ordinal, _limits.ThreadsMax, _buffers ? " with store buffers" : ""));
        }

        int index = parent.Children[ordinal];
        MakeRolesUpTo(index);
        if (Abandoning)
            return index;
        Role role = _roles[index]!;
        // A parent that has done nothing itself is no help in ordering: its own spawn counts.
        bool parentHasMoved = parent.Index == 0 || _done[parent.Index] > 0;
        role.Parent = parentHasMoved ? parent.Index : parent.Parent;
        role.SpawnedAfter = parentHasMoved ? _done[parent.Index] : parent.SpawnedAfter;
        role.Spawn(name, body, background, parent, _limits.SpuriousPerThread);
        role.At = BirthOf(parent);
        if (_buffers)
            BeginBuffer(role);
        Turns?.Born(role);
        return index;
    }

    private void MakeRolesUpTo(int index)
    {
        while (_roleCount <= index)
        {
            _roles[_roleCount] = new Role(this, _roleCount++);
            if (_buffers)
                MakeBuffer(_roles[_roleCount - 1]!);
        }
    }

    /// <summary>
    /// The execution is too long. From now on every thread gets its turn; if that does not end it within as many steps
    /// again, nothing will.
    /// </summary>
    public void OnStepLimit(ref bool reached)
    {
        if (!reached)
        {
            reached = true;
            Counters.Cut++;
            StepLimit += _limits.StepsMax;
            return;
        }

        Report(ViolationKind.Livelock, null,
            $"livelock: after {_limits.StepsMax} steps every thread had its turn for as many again, and the execution does not end");
        Abandoning = true;
    }

    public void Reached(Role role, string label)
    {
        if (Abandoning)
            return;
        if (Labels.Add(label))
            Counters.LabelsReached++;
        Log?.Note(role, $"reached: {label}");
    }

    /// <summary>The threads that a join waits for, as bits.</summary>
    public uint JoinedBy(Role role)
    {
        if (role.Op.B == 0)
            return 1u << (int)role.Op.A;
        uint joined = 0;
        for (int n = role.Spawns - (int)role.Op.B; n < role.Spawns; n++)
            joined |= 1u << role.Children[n];
        return joined;
    }
}
