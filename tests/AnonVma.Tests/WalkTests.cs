using RcuModel.Mm;

namespace RcuModel.AnonVmas.Tests;

/// <summary>Which VMAs a walk visits, and in which order.</summary>
public sealed class WalkTests
{
    private readonly Family _family = new();

    [Fact]
    public void A_shared_folio_is_looked_for_in_the_whole_family_parents_first()
    {
        _family.Run("p0 mmap 16 4\np0 write 16");
        Folio shared = Folio("p0", 17, exclusive: false);
        _family.Run("p0 fork p1\np1 fork p2\np0 fork p3");
        Assert.Equal(["p0:17", "p1:17", "p2:17", "p3:17"], Walk(shared));
        Folio ofChild = Folio("p1", 18, exclusive: true);
        Assert.Equal(["p1:18", "p2:18"], Walk(ofChild));
        Folio swappedIn = Folio("p1", 19, exclusive: false);
        Assert.Equal(["p0:19", "p1:19", "p2:19", "p3:19"], Walk(swappedIn));
    }

    [Fact]
    public void What_was_taken_out_to_change_its_range_comes_behind_what_has_the_same_offset()
    {
        _family.Run("p0 mmap 16 4\np0 write 16\np0 fork p1");
        Folio folio = Folio("p0", 17, exclusive: true);
        Vma vma = _family.Vma("p0", 17);
        _family.Map.BeginAdjust(vma, null);
        vma.End.WriteOnce(19);
        _family.Map.EndAdjust(vma, null);
        Assert.Equal(["p1:17", "p0:17"], Walk(folio));
        Assert.Equal(["p1:19"], Walk(Folio("p0", 19, exclusive: true, vma)));
    }

    [Fact]
    public void A_walk_ends_when_it_is_told_to()
    {
        _family.Run("p0 mmap 16 4\np0 write 16\np0 fork p1");
        var walk = new Visits { Max = 1 };
        _family.Map.Walk(Folio("p0", 17, exclusive: true), walk);
        Assert.Equal(["p0:17"], walk.Seen);
    }

    [Fact]
    public void A_folio_that_nobody_maps_is_visited_only_by_who_holds_its_anon_vma()
    {
        _family.Run("p0 mmap 16 4\np0 write 16");
        Folio folio = Folio("p0", 17, exclusive: true);
        var held = (AnonVma)_family.Map.Hold(folio)!;
        folio.MapCount.WriteOnce(0);
        Assert.Null(_family.Map.Hold(folio));
        Assert.Empty(Walk(folio));
        var walk = new Visits { Held = true };
        _family.Map.Walk(folio, walk);
        Assert.Equal(["p0:17"], walk.Seen);
        Assert.Equal(2, held.References);
        _family.Exit("p0");
        Assert.Equal(1, held.References);
        _family.Map.LetGo(held);
        Assert.Equal(0, held.References);
    }

    [Fact]
    public void A_walk_that_must_not_wait_gives_up_when_the_family_is_locked()
    {
        _family.Run("p0 mmap 16 4\np0 write 16");
        Folio folio = Folio("p0", 17, exclusive: true);
        _family.Map.LockForMove(_family.Vma("p0", 16), _family.Vma("p0", 16));
        var walk = new Visits { TryLock = true };
        _family.Map.Walk(folio, walk);
        Assert.True(walk.Contended);
        _family.Map.UnlockAfterMove(_family.Vma("p0", 16));
        _family.Map.Walk(folio, walk);
        Assert.Single(walk.Seen);
    }

    [Theory]
    [InlineData(false, 8, false)] // made for it: behind the old place
    [InlineData(true, 8, true)]
    [InlineData(true, 16, true)]
    [InlineData(true, 24, false)]
    public void Entries_move_under_the_lock_where_a_walk_might_come_to_the_new_place_first(bool merged, long toOffset, bool needs)
    {
        Vma from = _family.Add("p0", 16, 4);
        Vma to = _family.Add("p0", 32, 4, pageOffset: toOffset);
        Assert.Equal(needs, _family.Map.MoveNeedsLock(to, from, merged));
    }

    [Fact]
    public void A_folio_is_given_to_the_one_that_has_it_alone()
    {
        _family.Run("p0 mmap 16 4\np0 write 16");
        Folio folio = Folio("p0", 17, exclusive: true);
        _family.Run("p0 fork p1\np0 exit");
        _family.Map.MoveAnon(folio, _family.Vma("p1", 16));
        Assert.Same(AnonVmaMap.Of(_family.Vma("p1", 16)), AnonVmaMap.Of(folio));
        _family.Map.CheckAnon(folio, _family.Vma("p1", 16), 17);
        Assert.Equal(["p1:17"], Walk(folio));
        _family.Map.FolioFreed(folio);
        Assert.Null(AnonVmaMap.Of(folio));
    }

    private Folio Folio(string process, long page, bool exclusive, Vma? vma = null)
    {
        var folio = new Folio(_family.System, $"{process}:{page}");
        _family.Map.SetAnon(folio, vma ?? _family.Vma(process, page), page, exclusive);
        folio.MapCount.WriteOnce(1);
        return folio;
    }

    private List<string> Walk(Folio folio)
    {
        var walk = new Visits();
        _family.Map.Walk(folio, walk);
        Assert.Equal(walk.Seen.Count, walk.Visits);
        return walk.Seen;
    }

    private sealed class Visits : RmapWalk
    {
        public int Max { get; init; } = int.MaxValue;

        public List<string> Seen { get; } = [];

        protected override bool One(Folio folio, Vma vma, long page)
        {
            Seen.Add($"{vma.Mm.ReadOnce()!.Name}:{page}");
            return Seen.Count < Max;
        }
    }
}
