using RcuModel.Mm;

namespace RcuModel.AnonVmas.Tests;

/// <summary>Which anon_vma a VMA gets by its first fault.</summary>
public sealed class PrepareTests
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    private readonly Family _family = new();

    [Fact]
    public void The_next_neighbours_comes_before_the_previous_ones()
    {
        Vma previous = _family.Add("p0", 16, 4);
        Vma vma = _family.Add("p0", 20, 4, VmFlags.Read);
        Vma next = _family.Add("p0", 24, 4, ReadWrite | VmFlags.Exec);
        _family.Fault("p0", 16);
        _family.Fault("p0", 24);
        _family.Fault("p0", 20);
        Assert.NotSame(AnonVmaMap.Of(previous), AnonVmaMap.Of(next));
        Assert.Same(AnonVmaMap.Of(next), AnonVmaMap.Of(vma));
        Assert.Equal(2, AnonVmaMap.Of(vma)!.ActiveVmas);
        Assert.Equal(1, AnonVmaMap.Of(vma)!.Children);
    }

    [Fact]
    public void Without_a_next_neighbour_it_is_the_previous_ones()
    {
        Vma previous = _family.Add("p0", 16, 4);
        Vma vma = _family.Add("p0", 20, 4, VmFlags.Read);
        _family.Fault("p0", 16);
        _family.Fault("p0", 20);
        Assert.Same(AnonVmaMap.Of(previous), AnonVmaMap.Of(vma));
    }

    [Theory]
    [InlineData(20, ReadWrite | VmFlags.DontCopy, 20)] // other flags than those of access
    [InlineData(20, ReadWrite, 40)] // offsets that do not continue
    [InlineData(21, ReadWrite, 21)] // a gap
    public void A_neighbour_with_which_it_could_not_be_merged_gives_nothing(long start, VmFlags flags, long pageOffset)
    {
        Vma neighbour = _family.Add("p0", 16, 4);
        Vma vma = _family.Add("p0", start, 4, flags, pageOffset);
        _family.Fault("p0", 16);
        _family.Fault("p0", start);
        Assert.NotSame(AnonVmaMap.Of(neighbour), AnonVmaMap.Of(vma));
        Assert.Equal(1, AnonVmaMap.Of(vma)!.ActiveVmas);
    }

    [Fact]
    public void A_neighbour_that_shares_with_an_ancestor_gives_nothing()
    {
        _family.Add("p0", 16, 4);
        _family.Add("p0", 20, 4, VmFlags.Read);
        _family.Fault("p0", 16);
        _family.Fork("p0", "p1");
        _family.Fault("p1", 20);
        _family.Fault("p0", 20);
        Assert.True(_family.Map.IsForkChild(_family.Vma("p1", 16)));
        Assert.False(_family.Map.IsForkChild(_family.Vma("p1", 20)));
        Assert.NotSame(AnonVmaMap.Of(_family.Vma("p1", 16)), AnonVmaMap.Of(_family.Vma("p1", 20)));
        Assert.Same(AnonVmaMap.Of(_family.Vma("p0", 16)), AnonVmaMap.Of(_family.Vma("p0", 20)));
    }

    [Fact]
    public void A_vma_that_has_one_keeps_it()
    {
        Vma vma = _family.Add("p0", 16, 4);
        _family.Fault("p0", 16);
        AnonVma? first = AnonVmaMap.Of(vma);
        _family.Fault("p0", 17);
        Assert.Same(first, AnonVmaMap.Of(vma));
        Assert.Single(AnonVmaMap.ChainOf(vma));
    }
}
