namespace RcuModel.Scripts;

/// <summary>A random script while it is being written.</summary>
internal sealed class ScriptDraft
{
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    // Longer ranges would cover everything, and nothing would lie beside them.
    private const int LengthMax = 16;

    // Pages of one page table: a range that begins at a multiple and is as long can move with its table.
    private const int PagesOfTable = 512;

    // Of a hundred mappings of a script that maps the file.
    private const int FileCases = 50;

    // Few, so that mappings have pages of it in common.
    private const int PlacesOfFile = 8;

    private static readonly (ScriptVerb Verb, int Weight)[] s_verbs =
    [
        (ScriptVerb.Mmap, 9), (ScriptVerb.Munmap, 5), (ScriptVerb.Mremap, 8), (ScriptVerb.Dontunmap, 2), (ScriptVerb.Uffdmove, 4), (ScriptVerb.Resize, 4),
        (ScriptVerb.Mprotect, 8), (ScriptVerb.Write, 22), (ScriptVerb.Read, 8), (ScriptVerb.Madvise, 16), (ScriptVerb.Fork, 10),
        (ScriptVerb.Exit, 3),
    ];

    private static readonly (Advice Advice, int Weight)[] s_advice =
    [
        (Advice.Dontneed, 4), (Advice.Pageout, 10), (Advice.Free, 4), (Advice.Dontfork, 2), (Advice.Dofork, 1),
        (Advice.Wipeonfork, 2), (Advice.Dontdump, 1), (Advice.Dodump, 1), (Advice.Nohugepage, 1),
    ];

    // Beside that, where scripts deal in huge pages.
    private static readonly (ScriptVerb Verb, int Weight)[] s_verbsOfLarge = [(ScriptVerb.Thp, 2), (ScriptVerb.Shrink, 2), (ScriptVerb.Madvise, 20)];

    private static readonly (Advice Advice, int Weight)[] s_adviceOfLarge =
        [(Advice.Hugepage, 10), (Advice.Collapse, 12), (Advice.Dontneed, 4), (Advice.Free, 4)];

    // Beside that, where KSM shares equal pages.
    private static readonly (ScriptVerb Verb, int Weight)[] s_verbsOfShared = [(ScriptVerb.Ksm, 5), (ScriptVerb.Madvise, 10), (ScriptVerb.Write, 10)];

    private static readonly (Advice Advice, int Weight)[] s_adviceOfShared = [(Advice.Mergeable, 20), (Advice.Unmergeable, 5)];

    private static readonly int[] s_orders = [1 << ScriptOperation.HugeOrder, 1 << 4, 1 << 4 | 1 << ScriptOperation.HugeOrder, 1 << 2 | 1 << 6, 0];

    private static readonly (Protection Protection, int Weight)[] s_protections =
    [
        (ReadWrite, 12), (Protection.Read, 5), (Protection.None, 3), (ReadWrite | Protection.Exec, 2),
        (Protection.Read | Protection.Exec, 1), (Protection.Write, 1),
    ];

    // What a script may have more of than others.
    private static readonly ScriptVerb[][] s_leanings =
    [
        [], [ScriptVerb.Fork, ScriptVerb.Exit], [ScriptVerb.Mmap, ScriptVerb.Munmap, ScriptVerb.Mremap],
        [ScriptVerb.Mremap, ScriptVerb.Dontunmap, ScriptVerb.Uffdmove, ScriptVerb.Resize], [ScriptVerb.Madvise, ScriptVerb.Write, ScriptVerb.Read],
        [ScriptVerb.Mprotect],
    ];

    private readonly ScriptGeneratorOptions _options;
    private readonly ScriptRandom _random;
    private readonly (ScriptVerb Verb, int Weight)[] _verbs;
    private readonly (Advice Advice, int Weight)[] _advice;
    private readonly List<ProcessSketch> _alive = [];
    private readonly List<ScriptOperation> _operations = [];

    // A place is a page, or so many pages that ranges have the size of page tables.
    private readonly int _pagesOfPlace;
    private readonly int _firstPage;
    private readonly bool _mapsFile;
    private int _forked;

    public ScriptDraft(ScriptGeneratorOptions options, ScriptRandom random)
    {
        _options = options;
        _random = random;
        ScriptVerb[] leaning = random.Of(s_leanings);
        _verbs = [.. s_verbs.Where(verb => !options.WithoutVerbs.Contains(verb.Verb))
            .Select(verb => (verb.Verb, leaning.Contains(verb.Verb) ? 3 * verb.Weight : verb.Weight))];
        IEnumerable<(Advice Advice, int Weight)> advice = s_advice;
        if (options.LargeFolios)
        {
            // What is swapped out comes back in folios of other sizes if there were others, and if its places on the device happen to lie well.
            bool hasSizes = random.Percent(30);
            _verbs = [.. _verbs, .. s_verbsOfLarge.Where(verb => (hasSizes || verb.Verb != ScriptVerb.Thp) && !options.WithoutVerbs.Contains(verb.Verb))];
            advice = advice.Concat(s_adviceOfLarge).Where(advice => !hasSizes || advice.Advice != Advice.Pageout);
        }

        if (options.SharedPages)
        {
            _verbs = [.. _verbs, .. s_verbsOfShared.Where(verb => !options.WithoutVerbs.Contains(verb.Verb))];
            advice = advice.Concat(s_adviceOfShared);
        }

        _advice = [.. advice.Where(advice => !options.WithoutAdvice.Contains(advice.Advice))];
        if (_advice.Length == 0)
            _verbs = [.. _verbs.Where(static verb => verb.Verb != ScriptVerb.Madvise)];

        bool isWide = options.LargeFolios || random.Percent(12);
        _pagesOfPlace = options.LargeFolios ? PagesOfTable / 8 : isWide ? PagesOfTable / 4 : 1;

        // Where pages are single, half of the scripts have the border between two page tables in their middle.
        _firstPage = isWide ? 0 : random.Percent(50) ? 16 : PagesOfTable - 32;
        _mapsFile = !options.WithoutFile && !options.LargeFolios && random.Percent(50);
        _alive.Add(new ProcessSketch(MmScript.FirstProcess, options.LargeFolios ? 32 : isWide ? 24 : 64));
    }

    public MmScript Write(string name)
    {
        for (int i = 0; i < _options.Operations; i++)
        {
            if (i == 1 && _options.LargeFolios && _alive[0].Runs() is [(int start, int length), ..])
            {
                // Of all that there is, as a program would that wants it.
                _operations.Add(ScriptOperation.Madvise(MmScript.FirstProcess, PageOf(start), length * _pagesOfPlace, Advice.Hugepage));
                continue;
            }

            if (i > 0 && i % _options.DumpEvery == 0)
                _operations.Add(ScriptOperation.Dump());
            _operations.Add(Next(_random.Of(_alive)));
        }

        _operations.Add(ScriptOperation.Dump());
        return MmScript.Of(_operations, name);
    }

    private ScriptOperation Next(ProcessSketch process)
    {
        ScriptVerb verb = process.IsEmpty && _random.Percent(90) ? ScriptVerb.Mmap : _random.Weighted(_verbs);

        // Another try, rather than what can not be: the weights of all others stay in proportion.
        while ((verb == ScriptVerb.Fork && _alive.Count >= _options.Processes) || (verb == ScriptVerb.Exit && _alive.Count == 1))
            verb = _random.Weighted(_verbs);
        return verb switch
        {
            ScriptVerb.Mmap => Mmap(process),
            ScriptVerb.Munmap => Munmap(process),
            ScriptVerb.Mremap or ScriptVerb.Dontunmap => Move(process, verb),
            ScriptVerb.Uffdmove => Uffdmove(process),
            ScriptVerb.Resize => Resize(process),
            ScriptVerb.Mprotect => Mprotect(process),
            ScriptVerb.Write or ScriptVerb.Read => Access(process, verb),
            ScriptVerb.Madvise => Madvise(process),
            ScriptVerb.Fork => Fork(process),
            ScriptVerb.Thp => ScriptOperation.Thp(_random.Of(s_orders)),
            ScriptVerb.Shrink => ScriptOperation.Shrink(),
            ScriptVerb.Ksm => ScriptOperation.Ksm(),
            _ => Exit(process),
        };
    }

    private ScriptOperation Mmap(ProcessSketch process)
    {
        // A script begins with memory that something can be done with.
        bool isFirst = _operations.Count == 0;
        int length = _random.Between(isFirst ? LengthMax / 2 : 1, LengthMax);
        int start = Destination(process, length);

        // Like a neighbour more often than not, since then they can merge.
        Protection protection = isFirst || _random.Percent(50) ? process.ProtectionAt(start - 1) : _random.Weighted(s_protections);
        process.Map(start, length, protection);
        int? filePage = _mapsFile && _random.Percent(FileCases) ? FilePage(start, length) : null;
        return ScriptOperation.Mmap(process.Name, PageOf(start), length * _pagesOfPlace, protection, filePage);
    }

    // Where the mapping could go on from the one before it, at the same part of the file as others, or over its end.
    private int FilePage(int start, int length)
    {
        int way = _random.Below(100);
        int page = way < 50 ? start * _pagesOfPlace
            : way < 90 ? _random.Below(PlacesOfFile) * _pagesOfPlace
            : ScriptOperation.FileLength - (_random.Between(1, length) * _pagesOfPlace);
        return Math.Max(page, 0);
    }

    private ScriptOperation Munmap(ProcessSketch process)
    {
        (int start, int length) = Range(process);
        process.Unmap(start, length);
        return ScriptOperation.Munmap(process.Name, PageOf(start), length * _pagesOfPlace);
    }

    private ScriptOperation Move(ProcessSketch process, ScriptVerb verb)
    {
        (int start, int length) = Range(process);
        int newStart = process.Left.Count > 0 && _random.Percent(25) ? _random.Of(process.Left) : Destination(process, length);
        length = Math.Min(length, process.Places - newStart);
        bool keepOld = verb == ScriptVerb.Dontunmap;
        if (Math.Abs(newStart - start) >= length)
            process.Move(start, length, newStart, keepOld);
        int page = PageOf(start), newPage = PageOf(newStart), pages = length * _pagesOfPlace;
        return keepOld
            ? ScriptOperation.Dontunmap(process.Name, page, pages, newPage)
            : ScriptOperation.Mremap(process.Name, page, pages, newPage);
    }

    // To what is mapped, since that is where it can go; with holes more often than not, for where it goes there must be some.
    private ScriptOperation Uffdmove(ProcessSketch process)
    {
        (int start, int length) = Range(process);
        (int newStart, int newLength) = Range(process);
        length = Math.Min(length, newLength);
        return ScriptOperation.Uffdmove(
            process.Name, PageOf(start), length * _pagesOfPlace, PageOf(newStart), _random.Percent(60));
    }

    private ScriptOperation Resize(ProcessSketch process)
    {
        (int start, int length) = Range(process);
        int newLength = Math.Min(_random.Between(1, LengthMax), process.Places - start);
        if (newLength < length)
            process.Unmap(start + newLength, length - newLength);
        else if (process.IsMapped(start + length - 1) && !Enumerable.Range(start + length, newLength - length).Any(process.IsMapped))
            process.Map(start + length, newLength - length, process.ProtectionAt(start));
        return ScriptOperation.Resize(process.Name, PageOf(start), length * _pagesOfPlace, newLength * _pagesOfPlace);
    }

    private ScriptOperation Mprotect(ProcessSketch process)
    {
        (int start, int length) = Range(process);

        // Like a neighbour now and then, since then they can merge.
        Protection protection = _random.Percent(30) ? process.ProtectionAt(start - 1) : _random.Weighted(s_protections);
        process.Protect(start, length, protection);
        return ScriptOperation.Mprotect(process.Name, PageOf(start), length * _pagesOfPlace, protection);
    }

    private ScriptOperation Access(ProcessSketch process, ScriptVerb verb)
    {
        Protection needed = verb == ScriptVerb.Write ? Protection.Write : Protection.Read;
        int[] allowed = [.. Enumerable.Range(0, process.Places).Where(place => process.Allows(place, needed))];
        int start = allowed.Length > 0 && _random.Percent(95) ? _random.Of(allowed) : _random.Below(process.Places);
        int count = 1;
        int countMax = _random.Between(1, 6);
        if (_pagesOfPlace == 1)
        {
            while (count < countMax && start + count < process.Places && (process.Allows(start + count, needed) || _random.Percent(5)))
                count++;
        }
        else
        {
            count = _options.LargeFolios && _random.Percent(40) ? countMax * _pagesOfPlace : countMax;
            count = Math.Min(count, (process.Places - start) * _pagesOfPlace);
        }

        return verb == ScriptVerb.Write
            ? ScriptOperation.Write(process.Name, PageOf(start), count)
            : ScriptOperation.Read(process.Name, PageOf(start), count);
    }

    private ScriptOperation Madvise(ProcessSketch process)
    {
        (int start, int length) = Range(process);
        Advice advice = _random.Weighted(_advice);
        if (advice is Advice.Dontfork or Advice.Dofork)
            process.LeaveOut(start, length, advice == Advice.Dontfork);
        return ScriptOperation.Madvise(process.Name, PageOf(start), length * _pagesOfPlace, advice);
    }

    private ScriptOperation Fork(ProcessSketch process)
    {
        ProcessSketch child = process.Fork($"p{++_forked}");
        _alive.Add(child);
        return ScriptOperation.Fork(process.Name, child.Name);
    }

    private ScriptOperation Exit(ProcessSketch process)
    {
        _alive.Remove(process);
        return ScriptOperation.Exit(process.Name);
    }

    private int PageOf(int place) => _firstPage + place * _pagesOfPlace;

    // Mostly what is mapped or a part of it, sometimes more than that, now and then anything.
    private (int Start, int Length) Range(ProcessSketch process)
    {
        // What one page table has, where that is what huge pages are about.
        int ofTable = PagesOfTable / _pagesOfPlace;
        if (_options.LargeFolios && _random.Percent(35))
            return (_random.Below(process.Places / ofTable) * ofTable, ofTable);

        IReadOnlyList<(int Start, int Length)> runs = process.Runs();
        int way = _random.Below(100);
        if (runs.Count == 0 || way >= 92)
        {
            int anywhere = _random.Below(process.Places);
            return (anywhere, _random.Between(1, Math.Min(LengthMax, process.Places - anywhere)));
        }

        (int start, int length) = _random.Of(runs);
        int part = _random.Between(1, Math.Min(LengthMax, length));
        if (way < 20)
            return (start, length);
        if (way < 35)
            return (start, part);
        if (way < 50)
            return (start + length - part, part);
        int offset = _random.Below(length);
        return way < 75
            ? (start + offset, Math.Min(part, length - offset))
            : (start + offset, _random.Between(1, Math.Min(LengthMax, process.Places - start - offset)));
    }

    // Beside what is mapped, or anywhere, where something may be mapped already.
    private int Destination(ProcessSketch process, int length)
    {
        IReadOnlyList<(int Start, int Length)> runs = process.Runs();
        int way = _random.Below(100);
        if (runs.Count > 0 && way < 60)
        {
            (int start, int runLength) = _random.Of(runs);
            int beside = way < 35 ? start + runLength : start - length;
            if (beside >= 0 && beside + length <= process.Places)
                return beside;
        }

        return _random.Below(process.Places - length + 1);
    }
}
