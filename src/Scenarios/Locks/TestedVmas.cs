using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>An mm with two VMAs and the locks of these as the checks see them, at the grain of accesses or as a specification.</summary>
internal abstract class TestedVmas
{
    private readonly SpecLock _mmapLock = new("mmapLock");

    /// <summary>What the locks protect, of each VMA.</summary>
    public Plain<int>[] Data { get; } = [new Plain<int>(0, "data[0]"), new Plain<int>(0, "data[1]")];

    public abstract bool TryStartRead(int vma);

    public abstract void EndRead(int vma);

    public abstract void StartWrite(int vma);

    public abstract void Attach(int vma);

    public abstract void Detach(int vma);

    public abstract void Free(int vma);

    /// <summary>Takes the mmap lock for writing.</summary>
    public void Lock()
    {
        _mmapLock.Acquire();
        BeginWrite();
    }

    /// <summary>Gives it back.</summary>
    public void Unlock()
    {
        EndWriteAll();
        _mmapLock.Release();
    }

    protected abstract void BeginWrite();

    protected abstract void EndWriteAll();
}

/// <summary><see cref="VmaLock"/>.</summary>
internal sealed class TestedVmaLocks : TestedVmas
{
    private readonly TestedMm _mm = new();
    private readonly TestedVma _first = new();
    private readonly TestedVma _second = new();

    /// <summary>Attaches both VMAs, unless the body wants to do so itself.</summary>
    public TestedVmaLocks(bool attached = true)
    {
        _first.Lock.Init(_mm.Locks);
        _second.Lock.Init(_mm.Locks);
        if (!attached)
            return;
        Lock();
        for (int i = 0; i < 2; i++)
        {
            StartWrite(i);
            Attach(i);
        }

        Unlock();
    }

    public override bool TryStartRead(int vma) => Of(vma).Lock.TryStartRead(_mm.Locks);

    public override void EndRead(int vma) => Of(vma).Lock.EndRead();

    public override void StartWrite(int vma) => Of(vma).Lock.StartWrite();

    public override void Attach(int vma) => Of(vma).Lock.Attach();

    public override void Detach(int vma) => Of(vma).Lock.Detach();

    public override void Free(int vma) => Of(vma).Free();

    protected override void BeginWrite() => _mm.Locks.BeginWrite();

    protected override void EndWriteAll() => _mm.Locks.EndWriteAll();

    private TestedVma Of(int vma) => vma == 0 ? _first : _second;

    private sealed class TestedMm : SharedObject
    {
        public TestedMm()
            : base("mm") => Locks = new MmVmaLocks(this);

        public MmVmaLocks Locks { get; }
    }

    private sealed class TestedVma : SharedObject
    {
        public TestedVma()
            : base("vma") => Lock = new VmaLock(this);

        public VmaLock Lock { get; }
    }
}

/// <summary><see cref="SpecVmaLock"/>.</summary>
internal sealed class TestedSpecVmaLocks : TestedVmas
{
    private readonly SpecMmVmaLocks _mm = new();
    private readonly TestedVma _first = new();
    private readonly TestedVma _second = new();

    /// <summary>Attaches both VMAs, unless the body wants to do so itself.</summary>
    public TestedSpecVmaLocks(bool attached = true)
    {
        _first.Lock.Init(_mm);
        _second.Lock.Init(_mm);
        if (!attached)
            return;
        Lock();
        for (int i = 0; i < 2; i++)
        {
            StartWrite(i);
            Attach(i);
        }

        Unlock();
    }

    public override bool TryStartRead(int vma) => Of(vma).Lock.TryStartRead(_mm);

    public override void EndRead(int vma) => Of(vma).Lock.EndRead();

    public override void StartWrite(int vma) => Of(vma).Lock.StartWrite();

    public override void Attach(int vma) => Of(vma).Lock.Attach();

    public override void Detach(int vma) => Of(vma).Lock.Detach();

    public override void Free(int vma) => Of(vma).Free();

    protected override void BeginWrite() => _mm.BeginWrite();

    protected override void EndWriteAll() => _mm.EndWriteAll();

    private TestedVma Of(int vma) => vma == 0 ? _first : _second;

    private sealed class TestedVma : SharedObject
    {
        public TestedVma()
            : base("vma") => Lock = new SpecVmaLock(this);

        public SpecVmaLock Lock { get; }
    }
}
