using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>Uses of RCU with one mistake each, which RCU itself must report.</summary>
internal static class UsageChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Create("rcu-dereference", "a pointer is dereferenced when the reader is over", Dereference),
        Create("rcu-wrong-domain", "a pointer is dereferenced in a reader of another domain", WrongDomain),
        Create("rcu-self-deadlock", "a grace period is waited for in a reader", SelfDeadlock),
        Create("rcu-sleep-in-reader", "a reader waits for a grace period of another domain", Sleep),
        Create("rcu-unbalanced", "a reader is left twice", Unbalanced),
        Create("rcu-left-behind", "a thread ends in a reader", LeftBehind),
        Create("rcu-foreign-handle", "a thread reads with the handle of another", ForeignHandle),
        Create("rcu-returned-handle", "a thread reads with a handle that it has given back", ReturnedHandle),
        Create("rcu-offline-reader", "a thread that is offline reads under QSBR", OfflineReader),
        Create("rcu-quiescent-reader", "a thread says in a reader that it is in none", QuiescentReader),
    ];

    private static Scenario Create(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static void Dereference()
    {
        var rcu = new RcuMemb();
        var current = new Ref<object>(rcu, "current");
        using (rcu.Read())
            _ = rcu.Dereference(ref current);
        _ = rcu.Dereference(ref current);
    }

    private static void WrongDomain()
    {
        var rcu = new RcuMemb("rcu");
        var other = new RcuMb("other");
        var current = new Ref<object>(rcu, "current");
        using RcuSection<RcuMb> section = other.Read();
        _ = rcu.Dereference(ref current);
    }

    private static void SelfDeadlock()
    {
        var rcu = new RcuMemb();
        using RcuSection<RcuMemb> section = rcu.Read();
        rcu.Synchronize();
    }

    private static void Sleep()
    {
        var rcu = new RcuMemb("rcu");
        var other = new RcuMb("other");
        using RcuSection<RcuMemb> section = rcu.Read();
        other.Synchronize();
    }

    private static void Unbalanced()
    {
        var rcu = new RcuMemb();
        rcu.Lock();
        rcu.Unlock();
        rcu.Unlock();
    }

    private static void LeftBehind()
    {
        var rcu = new RcuMemb();
        Execution.Run(() => rcu.Lock());
    }

    private static void ForeignHandle()
    {
        var rcu = new RcuMemb();
        RcuReader reader = rcu.Register();
        Execution.Run(() =>
        {
            using RcuSection<RcuMemb> section = rcu.Read(reader);
        });
    }

    private static void ReturnedHandle()
    {
        var rcu = new RcuMemb();
        RcuReader reader = rcu.Register();
        reader.Dispose();
        using RcuSection<RcuMemb> section = rcu.Read(reader);
    }

    private static void OfflineReader()
    {
        var rcu = new RcuQsbr();
        RcuReader reader = rcu.Register();
        rcu.Offline(reader);
        using RcuSection<RcuQsbr> section = rcu.Read(reader);
    }

    private static void QuiescentReader()
    {
        var rcu = new RcuQsbr();
        RcuReader reader = rcu.Register();
        using RcuSection<RcuQsbr> section = rcu.Read(reader);
        rcu.QuiescentState(reader);
    }
}
