namespace RcuModel.Exploration.Engine;

/// <summary>
/// An operating-system thread on whose stack roles are played. A role that ends leaves the stack free for the next one,
/// so most executions need fewer switches than threads.
/// </summary>
internal sealed class Worker
{
    private const int StackBytes = 1 << 20;

    private readonly Machine _machine;
    private readonly Thread? _thread;

    /// <param name="machine">The machine.</param>
    /// <param name="slot">Its slot of the baton.</param>
    /// <param name="isCaller">Whether it is the thread that runs the machine, which calls <see cref="Machine.Work"/> itself.</param>
    public Worker(Machine machine, int slot, bool isCaller)
    {
        _machine = machine;
        Slot = slot;
        if (!isCaller)
            _thread = new Thread(Main, StackBytes) { IsBackground = true, Name = $"rcumodel worker {slot}" };
    }

    public int Slot { get; }

    /// <summary>The role on top of the stack: the only one here that can go on.</summary>
    public Role? Top;

    public void Start() => _thread?.Start();

    public void Join() => _thread?.Join();

    private void Main() => _machine.Work(this);
}
