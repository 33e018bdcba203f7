using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.ReadCopyUpdate;

/// <summary>Typesafe memory on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class TypesafeSlabTests
{
    [Fact]
    public void Memory_is_reused_and_keeps_what_its_constructor_made()
    {
        int constructed = 0;
        var slab = new TypesafeSlab<Entry>(new RcuMb(), () =>
        {
            constructed++;
            return new Entry();
        });
        Entry first = slab.Allocate();
        SpecLock itsLock = first.Lock;
        slab.Activate(first, 1);
        slab.Put(first);
        Entry second = slab.Allocate();
        Assert.Same(first, second);
        Assert.Same(itsLock, second.Lock);
        Assert.Equal(1, constructed);
        Assert.NotSame(second, slab.Allocate());
    }

    [Fact]
    public void A_validated_object_is_the_one_that_was_looked_for()
    {
        var rcu = new RcuMemb();
        var slab = new TypesafeSlab<Entry>(rcu, static () => new Entry());
        var current = new Ref<Entry>(null, "current");
        bool stop = false;
        long found = 0;
        Func<bool> goesOn = Stress.GoesOn(TimeSpan.Zero, () => Volatile.Read(ref found) != 0);
        Execution.Run(
            () =>
            {
                for (long key = 1; key < 200_000 || goesOn(); key++)
                {
                    Entry entry = slab.Allocate();
                    entry.Payload = key;
                    slab.Activate(entry, key);
                    Entry? old = current.Exchange(entry);
                    if (old is not null)
                        slab.Put(old);
                }

                Volatile.Write(ref stop, true);
            },
            () =>
            {
                using RcuReader reader = rcu.Register();
                while (!Volatile.Read(ref stop))
                {
                    using RcuSection<RcuMemb> section = rcu.Read(reader);
                    Unvalidated<Entry> candidate = slab.Lookup(ref current);
                    if (candidate.IsNull)
                        continue;
                    long key = candidate.Key();
                    if (candidate.Validate(key) is not { } entry)
                        continue;
                    Assert.Equal(key, entry.Payload);
                    found++;
                    slab.Put(entry);
                }
            });
        Assert.NotEqual(0, found);
    }

    private sealed class Entry : TypesafeObject
    {
        public long Payload;
    }
}
