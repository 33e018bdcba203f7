using RcuModel.Primitives;

namespace RcuModel.Mm;

// Two ways to merge. A range that is new, or was made free, may be taken up by the VMA before it, by the one behind it, or join the
// two. And a range of a VMA whose flags change may go to a neighbour with those flags:
//
//        prev      range      next             prev    middle    next
//      |-------|*********|---------|         |-------|*********|-------|
//
//   prev grows, next grows, or prev grows      the same, and middle goes; or, if the range is only a part of
//   and next goes                              middle, middle shrinks and a neighbour grows
//
// A VMA that was never faulted, and is merged into by one that was, needs what the reverse map has for that one: it gets it first
// (Adopt). It must not come from a VMA that shares with an ancestor, or walks of the ancestor's folios would have ever more to visit.

/// <summary>
/// One attempt to merge a range with the VMAs beside it. The mmap lock is held for writing. Kernel: struct vma_merge_struct.
/// </summary>
internal ref struct VmaMerge(MmStruct mm, long start, long end, PageOffsets offsets, VmFlags flags)
{
    private readonly MmStruct _mm = mm;
    private readonly VmFlags _flags = flags;
    private long _start = start;
    private long _end = end;
    private PageOffsets _offsets = offsets;

    /// <summary>The VMA before the range, if any.</summary>
    public Vma? Previous { get; init; }

    /// <summary>The VMA whose range it is, or a part of it; null for a range that nobody has.</summary>
    public Vma? Middle { get; init; }

    /// <summary>The VMA behind it, if any.</summary>
    public Vma? Next { get; init; }

    /// <summary>What the reverse map has for the range; null if it was never faulted.</summary>
    public SharedObject? AnonVma { get; init; }

    /// <summary>The file that the range maps; null for anonymous memory.</summary>
    public MappedFile? File { get; init; }

    /// <summary>The VMA that mremap copies to a range that is new.</summary>
    public Vma? CopiedFrom { get; init; }

    /// <summary>Whether it failed for lack of memory.</summary>
    public bool IsOutOfMemory { get; private set; }

    private readonly IReverseMap ReverseMap => _mm.System.ReverseMap;

    /// <summary>
    /// Merges a range that nobody has. Gives the VMA that has it now, or null. Kernel: vma_merge_new_range().
    /// </summary>
    public Vma? NewRange()
    {
        bool left = MergesLeft();
        bool right = MergesRight(left);
        if (!left && !right)
            return null;
        Vma target = left ? Previous! : Next!;
        if (right)
            _end = Next!.End.ReadOnce();
        if (left)
        {
            _start = Previous!.Start.ReadOnce();
            _offsets = Previous.Offsets;
        }

        // Kernel: vma_expand().
        Vma? removed = left && right ? Next : null;
        target.Lock.StartWrite();
        removed?.Lock.StartWrite();
        bool adopted = false;
        if ((removed is not null && !Adopt(target, removed, ref adopted))
            || (CopiedFrom is not null && !_mm.System.Has(Bugs.MergeForgetsChain) && !Adopt(target, CopiedFrom, ref adopted)))
        {
            return null;
        }

        return Commit(target, null, removed, null, adopted) ? target : null;
    }

    /// <summary>
    /// Merges a range of <see cref="Middle"/>, which is to have other flags. Gives the VMA that has it now, or null.
    /// Kernel: vma_merge_existing_range().
    /// </summary>
    public Vma? ExistingRange()
    {
        Vma middle = Middle!;
        long pages = _end - _start;
        bool leftSide = _start == middle.Start.ReadOnce();
        bool rightSide = _end == middle.End.ReadOnce();
        bool left = leftSide && MergesLeft();
        bool right = rightSide && MergesRight(left);
        if (!left && !right)
            return null;
        bool removesMiddle = leftSide && rightSide;
        Vma target = left ? Previous! : Next!;
        middle.Lock.StartWrite();
        target.Lock.StartWrite();
        bool adopted = false;
        if (left && right)
        {
            Vma next = Next!;
            next.Lock.StartWrite();
            (_start, _end, _offsets) = (target.Start.ReadOnce(), next.End.ReadOnce(), target.Offsets);
            return Adopt(target, next.AnonVma.ReadOnce() is not null ? next : middle, ref adopted)
                && Commit(target, null, middle, next, adopted) ? target : null;
        }

        if (left)
            (_start, _offsets) = (target.Start.ReadOnce(), target.Offsets);
        else
            (_end, _offsets) = (target.End.ReadOnce(), target.Offsets - pages);
        return Adopt(target, middle, ref adopted)
            && Commit(target, removesMiddle ? null : middle, removesMiddle ? middle : null, null, adopted) ? target : null;
    }

    // Kernel: can_vma_merge_left().
    private readonly bool MergesLeft() =>
        Previous is { } previous
        && previous.End.ReadOnce() == _start
        && previous.Flags.ReadOnce() == _flags
        && previous.File.ReadOnce() == File
        && AnonAllows(previous)
        && Continues(previous.Offsets + previous.Pages, _offsets);

    // Kernel: can_vma_merge_right(). That both neighbours go with the range does not say that they go with each other.
    private readonly bool MergesRight(bool left) =>
        Next is { } next
        && next.Start.ReadOnce() == _end
        && next.Flags.ReadOnce() == _flags
        && next.File.ReadOnce() == File
        && AnonAllows(next)
        && Continues(next.Offsets, _offsets + (_end - _start))
        && (!left || Previous!.AnonVma.ReadOnce() is not { } one || next.AnonVma.ReadOnce() is not { } other || one == other);

    // The one is what the pages behind a range are called by what comes before them, the other what they are called.
    private readonly bool Continues(PageOffsets expected, PageOffsets offsets)
    {
        if (expected == offsets)
            return true;
        if (expected.File != offsets.File)
            return false;
        if (_mm.System.Has(Bugs.MergeIgnoresAnonOffset))
            return true;
        _mm.LostMerges++;
        return false;
    }

    // Kernel: is_mergeable_anon_vma().
    private readonly bool AnonAllows(Vma target)
    {
        SharedObject? of = target.AnonVma.ReadOnce();
        if (of is null && AnonVma is not null)
            return !IsForkChild(Middle) && !IsForkChild(CopiedFrom);
        if (of is not null && AnonVma is null)
            return !IsForkChild(target);
        return of == AnonVma;
    }

    private readonly bool IsForkChild(Vma? vma) => vma is not null && ReverseMap.IsForkChild(vma);

    // Gives a VMA that was never faulted what another has. Kernel: dup_anon_vma().
    private bool Adopt(Vma vma, Vma from, ref bool adopted)
    {
        if (from.AnonVma.ReadOnce() is null || vma.AnonVma.ReadOnce() is not null)
            return true;
        adopted = ReverseMap.Clone(vma, from, CloneReason.Merge);
        IsOutOfMemory = !adopted;
        return adopted;
    }

    // Changes the ranges. Kernel: commit_merge().
    private bool Commit(Vma target, Vma? shrinks, Vma? removed, Vma? alsoRemoved, bool adopted)
    {
        // Kernel: vma_iter_prealloc().
        if (!_mm.System.MayAllocate())
        {
            if (adopted)
                ReverseMap.Unlink(target);
            IsOutOfMemory = true;
            return false;
        }

        _mm.BeginAdjust(target, shrinks);
        bool above = shrinks is not null && shrinks.Start.ReadOnce() >= target.Start.ReadOnce();

        // Kernel: vma_adjust_trans_huge(). No entry of the PMD is for pages of two VMAs.
        if (shrinks is not null && _mm.System.Config.LargeFolios)
            _mm.SplitHugeAt(above ? _end : _start);
        _mm.Grow(target, _start, _end, _offsets);
        if (shrinks is not null)
        {
            if (above)
                MmStruct.SetRange(shrinks, _end, shrinks.End.ReadOnce(), shrinks.OffsetsOf(_end));
            else
                MmStruct.SetRange(shrinks, shrinks.Start.ReadOnce(), _start, shrinks.Offsets);
        }

        _mm.EndAdjust(target, shrinks, removed, alsoRemoved);
        _mm.Remove(removed);
        _mm.Remove(alsoRemoved);
        return true;
    }
}
