namespace RcuModel.AnonVmas.Tests;

/// <summary>What Linux 6.18 printed when it ran the same script, pages left out.</summary>
public sealed class KernelTests
{
    [Fact]
    public void A_child_gets_an_anon_vma_of_its_own_and_those_of_its_ancestors() => Agree(
        """
        p0 mmap 16 16
        p0 write 18
        p0 fork p1
        p1 fork p2
        """,
        """
        mm p0
          vma 16-32 rw- pgoff 16 anon a0 chain a0
        mm p1
          vma 16-32 rw- pgoff 16 anon a1 chain a1 a0
        mm p2
          vma 16-32 rw- pgoff 16 anon a2 chain a2 a1 a0
        anon a0 root a0 parent a0 children 2 vmas 1
        anon a1 root a0 parent a0 children 1 vmas 1
        anon a2 root a0 parent a1 children 0 vmas 1

        """);

    [Fact]
    public void A_child_reuses_what_has_no_vma_and_one_child() => Agree(
        """
        p0 mmap 16 16
        p0 write 18
        p0 fork p1
        p1 fork p2
        p1 exit
        p2 fork p3
        p3 fork p4
        p2 exit
        p4 fork p5
        p0 fork p6
        """,
        """
        mm p0
          vma 16-32 rw- pgoff 16 anon a0 chain a0
        mm p3
          vma 16-32 rw- pgoff 16 anon a1 chain a2 a1 a0
        mm p4
          vma 16-32 rw- pgoff 16 anon a3 chain a3 a2 a1 a0
        mm p5
          vma 16-32 rw- pgoff 16 anon a2 chain a3 a2 a1 a0
        mm p6
          vma 16-32 rw- pgoff 16 anon a4 chain a4 a0
        anon a0 root a0 parent a0 children 3 vmas 1
        anon a1 root a0 parent a0 children 2 vmas 1
        anon a2 root a0 parent a1 children 0 vmas 1
        anon a3 root a0 parent a1 children 0 vmas 1
        anon a4 root a0 parent a0 children 0 vmas 1

        """);

    [Fact]
    public void A_root_outlives_its_vma_and_is_not_reused() => Agree(
        """
        p0 mmap 16 16
        p0 write 18
        p0 fork p1
        p1 fork p2
        p1 exit
        p2 fork p3
        p3 fork p4
        p2 exit
        p4 fork p5
        p0 fork p6
        p0 exit
        p6 fork p7
        """,
        """
        mm p3
          vma 16-32 rw- pgoff 16 anon a0 chain a1 a0 a2
        mm p4
          vma 16-32 rw- pgoff 16 anon a3 chain a3 a1 a0 a2
        mm p5
          vma 16-32 rw- pgoff 16 anon a1 chain a3 a1 a0 a2
        mm p6
          vma 16-32 rw- pgoff 16 anon a4 chain a4 a2
        mm p7
          vma 16-32 rw- pgoff 16 anon a5 chain a5 a4 a2
        anon a0 root a2 parent a2 children 2 vmas 1
        anon a1 root a2 parent a0 children 0 vmas 1
        anon a2 root a2 parent a2 children 3 vmas 0
        anon a3 root a2 parent a0 children 0 vmas 1
        anon a4 root a2 parent a2 children 1 vmas 1
        anon a5 root a2 parent a4 children 0 vmas 1

        """);

    [Fact]
    public void What_is_mapped_anew_begins_a_family() => Agree(
        """
        p0 mmap 16 4
        p0 write 16
        p0 fork p1
        p1 munmap 16 4
        p1 mmap 16 4
        p1 write 16
        p0 fork p2
        p0 munmap 16 4
        p2 fork p3
        """,
        """
        mm p0
        mm p1
          vma 16-20 rw- pgoff 16 anon a0 chain a0
        mm p2
          vma 16-20 rw- pgoff 16 anon a1 chain a1 a2
        mm p3
          vma 16-20 rw- pgoff 16 anon a3 chain a3 a1 a2
        anon a0 root a0 parent a0 children 1 vmas 1
        anon a1 root a2 parent a2 children 1 vmas 1
        anon a2 root a2 parent a2 children 2 vmas 0
        anon a3 root a2 parent a1 children 0 vmas 1

        """);

    private static void Agree(string script, string dump)
    {
        Family family = new Family().Run(script);
        Assert.Equal(dump, family.Dump());
        AnonVmaInvariants.Check(family.Mms.SelectMany(static mm => mm.AllVmas));
    }
}
