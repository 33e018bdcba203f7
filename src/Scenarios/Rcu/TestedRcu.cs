using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>A flavour of RCU as the scenarios see it: what is claimed of it, and what its readers have to say at the end.</summary>
/// <param name="Name">As in the names of the scenarios.</param>
/// <param name="Create">Makes a domain.</param>
internal sealed record TestedRcu(string Name, Func<RcuOptions?, Primitives.Rcu> Create)
{
    public static TestedRcu Memb { get; } = new("memb", static options => new RcuMemb(options: options));

    public static TestedRcu Mb { get; } = new("mb", static options => new RcuMb(options: options));

    public static TestedRcu Qsbr { get; } = new("qsbr", static options => new RcuQsbr(options: options));

    /// <summary>A handle that some thread will use; while nobody does, no grace period waits for it.</summary>
    public static RcuReader Register(Primitives.Rcu rcu, string name = "reader")
    {
        RcuReader reader = rcu.Register(name);
        Done(rcu, reader);
        return reader;
    }

    /// <summary>The calling thread uses a handle from now on.</summary>
    public static void Begin(Primitives.Rcu rcu, RcuReader reader)
    {
        reader.Adopt();
        if (rcu is RcuQsbr qsbr)
            qsbr.Online(reader);
    }

    /// <summary>The thread will be in no reader any more; only QSBR wants to know.</summary>
    public static void Done(Primitives.Rcu rcu, RcuReader reader)
    {
        if (rcu is RcuQsbr qsbr)
            qsbr.Offline(reader);
    }

    /// <summary>The thread is in no reader at the moment; only QSBR wants to know.</summary>
    public static void Pause(Primitives.Rcu rcu, RcuReader reader)
    {
        if (rcu is RcuQsbr qsbr)
            qsbr.QuiescentState(reader);
    }
}
