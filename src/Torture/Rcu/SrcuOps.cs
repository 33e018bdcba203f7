using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>SRCU with its callbacks: threads need not register, and readers sleep. Kernel: srcu_ops.</summary>
internal class SrcuOps(Srcu domain) : RcuDomainOps(domain)
{
    // What readers wait for while they read; nobody who reads there waits for a grace period here.
    private readonly Srcu _another = new("another");

    /// <summary>Whether a caller of SRCU is in a reader is not known, so nobody is held up.</summary>
    public override int? PendingMax => null;

    public override RcuTortureReader Register() => new Reader(domain, _another);

    private sealed class Reader(Srcu srcu, Srcu another) : RcuTortureReader
    {
        private readonly Stack<int> _indices = [];

        public override void Lock() => _indices.Push(srcu.Lock());

        public override void Unlock() => srcu.Unlock(_indices.Pop());

        // A long rest, and what no other reader may: to wait for a grace period, or for somebody who sleeps.
        public override void Sleep(TortureRandom random)
        {
            switch (random.Below(20_000))
            {
                case 0:
                    Thread.Sleep(10);
                    break;
                case <= 2:
                    another.Synchronize();
                    break;
                case <= 4:
                    using (another.Read())
                        Thread.Sleep(1);
                    break;
            }
        }

        public override void Dispose()
        {
        }
    }
}
