namespace RcuModel.Scripts;

/// <summary>Advice that a script can give. The names are the words of the language, with a capital letter; kernel: MADV_*.</summary>
public enum Advice
{
    /// <summary>Drop the pages now.</summary>
    Dontneed,

    /// <summary>Reclaim the pages now, as far as that is possible.</summary>
    Pageout,

    /// <summary>The pages may be dropped instead of swapped out, unless they are written again.</summary>
    Free,

    /// <summary>A child gets no copy of the range.</summary>
    Dontfork,

    /// <summary>Takes <see cref="Dontfork"/> back.</summary>
    Dofork,

    /// <summary>A child finds zeroes in the range.</summary>
    Wipeonfork,

    /// <summary>KSM may merge the pages with others of the same contents.</summary>
    Mergeable,

    /// <summary>Takes <see cref="Mergeable"/> back and breaks what was merged.</summary>
    Unmergeable,

    /// <summary>Huge pages are welcome.</summary>
    Hugepage,

    /// <summary>No huge pages.</summary>
    Nohugepage,

    /// <summary>Make huge pages of the range now.</summary>
    Collapse,

    /// <summary>Leave the range out of core dumps.</summary>
    Dontdump,

    /// <summary>Takes <see cref="Dontdump"/> back.</summary>
    Dodump,
}
