namespace RcuModel.Primitives.Tests.Cells;

/// <summary>What each operation of a pointer does on the hardware.</summary>
public sealed class RefTests
{
    private readonly string _a = new('a', 3);
    private readonly string _b = new('b', 3);

    [Fact]
    public void Loads_stores_and_exchanges()
    {
        var pointer = new Ref<string>(null, "pointer");
        Assert.Null(pointer.ReadOnce());
        pointer.WriteOnce(_a);
        Assert.Same(_a, pointer.ReadOnce());
        pointer.StoreRelease(_b);
        Assert.Same(_b, pointer.LoadAcquire());
        Assert.Same(_b, pointer.Exchange(_a));
        Assert.Same(_a, pointer.Exchange(null, Order.Acquire));
        Assert.Null(pointer.ReadOnce());
    }

    [Fact]
    public void A_comparison_is_of_identity()
    {
        var pointer = new Ref<string>(_a, "pointer");
        string equal = new('a', 3);
        Assert.Same(_a, pointer.CompareExchange(equal, _b));
        Assert.Same(_a, pointer.ReadOnce());
        Assert.Same(_a, pointer.CompareExchange(_a, _b));
        Assert.Same(_b, pointer.ReadOnce());
        Assert.Same(_b, pointer.CompareExchange(null, _a));
        Assert.Same(_b, pointer.ReadOnce());
        Assert.Same(_b, pointer.CompareExchange(_b, null));
        Assert.Null(pointer.CompareExchange(null, _a));
        Assert.Same(_a, pointer.ReadOnce());
    }

    [Fact]
    public void Awaits_that_hold_return_at_once()
    {
        var pointer = new Ref<string>(_a, "pointer");
        Assert.Same(_a, pointer.AwaitNotNull());
        pointer.AwaitEqual(_a);
        Assert.Same(_a, pointer.Await(static value => value is not null));
        pointer.WriteOnce(null);
        pointer.AwaitEqual(null);
    }

    [Fact]
    public void An_array_of_pointers_begins_with_null()
    {
        Ref<string>[] pointers = Ref<string>.Array(2, "pointers");
        Assert.Null(pointers[0].ReadOnce());
        pointers[1].WriteOnce(_a);
        Assert.Null(pointers[0].ReadOnce());
        Assert.Same(_a, pointers[1].ReadOnce());
    }
}
