namespace RcuModel.AnonVmas.Tests;

/// <summary>What today's design takes, and how that grows.</summary>
public sealed class MemoryTests
{
    [Fact]
    public void Each_generation_is_in_the_trees_of_all_before_it()
    {
        Family family = new Family().Run("p0 mmap 16 4\np0 write 16");
        for (int i = 1; i < 10; i++)
            family.Fork($"p{i - 1}", $"p{i}");
        var memory = AnonVmaMemory.Of(family.Mms);
        Assert.Equal(new AnonVmaMemory(10, 55), memory);
        Assert.Equal((10 * 96) + (55 * 64), memory.Bytes);
    }

    [Fact]
    public void A_process_whose_parent_exits_after_each_fork_has_a_bounded_chain()
    {
        Family family = new Family().Run("p0 mmap 16 4\np0 write 16");
        for (int i = 1; i < 10; i++)
        {
            family.Fork($"p{i - 1}", $"p{i}");
            family.Exit($"p{i - 1}");
        }

        Assert.InRange(AnonVmaMemory.Of(family.Mms).Chains, 2, 3);
    }
}
