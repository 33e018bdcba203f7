using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// One machine: everything that its mms share. All of an execution hangs off one of these, so two explorations run side by
/// side in one process.
/// </summary>
public sealed class MmSystem : SharedObject, IDisposable
{
    private readonly ModelLocal<ThreadState> _local = new(static () => new ThreadState());

    /// <summary>Creates a machine without processes.</summary>
    /// <param name="config">Its sizes and choices.</param>
    /// <param name="reverseMap">The design of its reverse map, which belongs to this machine alone.</param>
    public MmSystem(MmConfig config, IReverseMap reverseMap)
        : base("mm-system")
    {
        Config = config;
        ReverseMap = reverseMap;
        Rcu = new GrainRcu();
        Vmas = new VmaSlab(this);
        ZeroFolio = new Folio(this, "zero");
        reverseMap.Start(this);
    }

    /// <summary>Its sizes and choices.</summary>
    public MmConfig Config { get; }

    /// <summary>The design of its reverse map.</summary>
    public IReverseMap ReverseMap { get; }

    /// <summary>The RCU of look-ups and of page tables.</summary>
    public GrainRcu Rcu { get; }

    /// <summary>Where VMAs come from.</summary>
    public VmaSlab Vmas { get; }

    /// <summary>The page of zeros that all share. Kernel: ZERO_PAGE().</summary>
    public Folio ZeroFolio { get; }

    /// <summary>Whether the model gets something wrong.</summary>
    /// <param name="bug">What.</param>
    public bool Has(Bugs bug) => (Config.Bugs & bug) != 0;

    /// <summary>Whether an allocation succeeds; a choice as long as the thread has failures left.</summary>
    public bool MayAllocate()
    {
        if (Config.AllocationFailures == 0)
            return true;
        ThreadState state = _local.Value;
        if (state.Failures >= Config.AllocationFailures || Execution.Choose(2) == 0)
            return true;
        state.Failures++;
        return false;
    }

    /// <summary>Ends what runs in the background.</summary>
    public void Dispose()
    {
        (ReverseMap as IDisposable)?.Dispose();
        Rcu.Dispose();
    }

    private sealed class ThreadState
    {
        [ThreadPrivate("a ModelLocal's thread")]
        public int Failures;
    }
}
