namespace RcuModel.Mm.Tests;

/// <summary>
/// Random operations on up to three processes with large folios, beside a dictionary of what each page of each process must read as.
/// </summary>
internal sealed class RandomLargeRun
{
    private const long Pages = 24;

    private readonly Random _random;
    private readonly Machine _machine;
    private readonly List<(MmStruct Mm, Dictionary<long, long> Content)> _processes = [];
    private long _value;

    public RandomLargeRun(Random random, IReverseMap? design = null)
    {
        _random = random;
        _machine = new Machine(
            new MmConfig { EntriesPerTable = 4, TablesPerMm = 6, LargeFolios = true, FaultSizes = 4 | 2, ReclaimsTables = true }, design);
        _processes.Add((_machine.P0, []));
        Map(_machine.P0, _processes[0].Content, 0, Pages);
        Machine.Ok(_machine.P0.Advise(0, Pages, Advice.HugePage));
    }

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            Step();
            _machine.Check();
        }

        foreach ((MmStruct mm, Dictionary<long, long> content) in _processes)
        {
            foreach ((long page, long value) in content)
                Machine.Has(mm, page, value);
        }

        _machine.Dispose();
    }

    private void Step()
    {
        (MmStruct mm, Dictionary<long, long> content) = _processes[_random.Next(_processes.Count)];
        long start = _random.Next((int)Pages);
        long pages = Math.Min(_random.Next(1, 9), Pages - start);
        if (_random.Next(3) == 0)
        {
            start -= start % 4;
            pages = Math.Min(4 * _random.Next(1, 3), Pages - start);
        }

        switch (_random.Next(16))
        {
            case 0 when _processes.Count < 3:
                _processes.Add((_machine.Fork(mm, $"p{_processes.Count}"), new Dictionary<long, long>(content)));
                break;
            case 1 when _processes.Count > 1 && mm != _machine.P0:
                _machine.Exit(mm);
                _processes.RemoveAll(one => one.Mm == mm);
                break;
            case 2:
                Machine.Ok(mm.Unmap(start, pages));
                Forget(content, start, pages);
                break;
            case 3:
                Map(mm, content, start, pages);
                mm.Advise(start, pages, Advice.HugePage);
                break;
            case 4:
                Remap(mm, content, start, pages);
                break;
            case 5:
                if (mm.Advise(start, pages, Advice.DontNeed) is Errno.None or Errno.ENOMEM)
                    Clear(content, start, pages);
                break;
            case 6:
                mm.Advise(start, pages, Advice.PageOut);
                break;
            case 7:
                mm.Protect(start, pages, VmFlags.Read);
                mm.Protect(start, pages, VmFlags.Read | VmFlags.Write);
                break;
            case 8:
                mm.Collapse(start);
                break;
            case 9:
                if (mm.Isolate(start) is { } reclaimed)
                    _machine.System.Reclaim(reclaimed, ignoreReferences: true);
                break;
            case 10:
                if (mm.Isolate(start) is { } migrated)
                    _machine.System.Migrate(migrated);
                break;
            case 11:
                Split(mm, start);
                break;
            case 12:
                foreach ((long page, long value) in content)
                    Machine.Has(mm, page, value);
                break;
            default:
                Write(mm, content, start);
                break;
        }
    }

    private void Split(MmStruct mm, long page)
    {
        if (mm.Isolate(page) is not { } folio)
            return;
        folio.Lock.Lock();
        if (folio.IsLarge)
            _machine.System.Split(folio);
        folio.Lock.Unlock();
        _machine.System.PutBack(folio);
    }

    private void Write(MmStruct mm, Dictionary<long, long> content, long page)
    {
        if (mm.Write(page, ++_value) == Errno.None)
            content[page] = _value;
    }

    private static void Map(MmStruct mm, Dictionary<long, long> content, long start, long pages)
    {
        Machine.Ok(mm.Map(start, pages));
        for (long page = start; page < start + pages; page++)
            content[page] = 0;
    }

    private void Remap(MmStruct mm, Dictionary<long, long> content, long start, long pages)
    {
        long to = _random.Next((int)(Pages - pages + 1));
        if (_random.Next(2) == 0)
            to = Math.Min(to - (to % 4) + (start % 4), Pages - pages);
        for (long page = start; page < start + pages; page++)
        {
            if (mm.Lookup(page) != mm.Lookup(start))
                return;
        }

        if (mm.Remap(start, pages, pages, to) != Errno.None)
            return;
        var moved = new Dictionary<long, long>();
        for (long page = 0; page < pages; page++)
            moved[to + page] = content[start + page];
        Forget(content, start, pages);
        Forget(content, to, pages);
        foreach ((long page, long value) in moved)
            content[page] = value;
    }

    private static void Forget(Dictionary<long, long> content, long start, long pages)
    {
        for (long page = start; page < start + pages; page++)
            content.Remove(page);
    }

    private static void Clear(Dictionary<long, long> content, long start, long pages)
    {
        for (long page = start; page < start + pages; page++)
        {
            if (content.ContainsKey(page))
                content[page] = 0;
        }
    }
}
