using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu.Broken;

/// <summary>
/// Sections within a section are those of another flavour, and the first to begin is the first to end: in the rest
/// nobody waits for the reader. Kernel: busted_srcud_ops, whose readers are extended inappropriately.
/// </summary>
internal sealed class ExtendedByAnother() : SrcuOps(new Srcu())
{
    private readonly RcuMb _rcu = new();

    public override RcuTortureReader Register() => new Extended((Srcu)Domain, _rcu);

    private sealed class Extended(Srcu srcu, RcuMb rcu) : RcuTortureReader
    {
        private readonly RcuReader _reader = rcu.Register();
        private int _index = -1;

        public override void Lock()
        {
            if (_index < 0)
                _index = srcu.Lock();
            else
                rcu.Lock(_reader);
        }

        public override void Unlock()
        {
            if (_index >= 0)
                srcu.Unlock(_index);
            else
                rcu.Unlock(_reader);
            _index = -1;
        }

        public override void Dispose() => _reader.Dispose();
    }
}
