using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>A registered thread. Only that thread uses it; disposing of it ends the registration.</summary>
internal abstract class RcuTortureReader : IDisposable
{
    /// <summary>Begins a section, or one within it.</summary>
    public abstract void Lock();

    /// <summary>Ends the innermost section.</summary>
    public abstract void Unlock();

    /// <summary>In a section: waits for something, if sections of this kind may, and only now and then.</summary>
    /// <param name="random">The thread's random numbers.</param>
    public virtual void Sleep(TortureRandom random)
    {
    }

    /// <summary>Is in no section at the moment.</summary>
    public virtual void Quiescent()
    {
    }

    /// <summary>Will be in no section until <see cref="Resume"/>, or for ever.</summary>
    public virtual void Pause()
    {
    }

    /// <summary>May be in a section from now on.</summary>
    public virtual void Resume()
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>A thread registered with a flavour of RCU.</summary>
    internal class OfDomain(Primitives.Rcu domain) : RcuTortureReader
    {
        private readonly RcuReader _reader = domain.Register();

        public override void Lock() => domain.Lock(_reader);

        public override void Unlock() => domain.Unlock(_reader);

        public override void Dispose() => _reader.Dispose();
    }

    /// <summary>A thread registered with QSBR, which must say when it is in no section.</summary>
    internal class OfQsbr(RcuQsbr domain) : RcuTortureReader
    {
        private readonly RcuReader _reader = domain.Register();

        public override void Lock() => domain.Lock(_reader);

        public override void Unlock() => domain.Unlock(_reader);

        public override void Quiescent() => domain.QuiescentState(_reader);

        public override void Pause() => domain.Offline(_reader);

        public override void Resume() => domain.Online(_reader);

        public override void Dispose() => _reader.Dispose();
    }
}
