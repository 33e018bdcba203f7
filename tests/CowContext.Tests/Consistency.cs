using RcuModel.Mm;
using RcuModel.Scripts;

namespace RcuModel.CowContexts.Tests;

/// <summary>What must hold of a machine when nothing runs, by a scan of all its page tables and VMAs.</summary>
internal static class Consistency
{
    /// <summary>
    /// Each folio is found where it is mapped and nowhere else, its context is above all that map it, and the remap tables have what they
    /// must have and no more.
    /// </summary>
    public static void Check(ModelMachine machine)
    {
        MmOracle.Check(machine.Processes);
        var mapped = new Dictionary<Folio, HashSet<(MmStruct, long)>>(ReferenceEqualityComparer.Instance);
        foreach (MmStruct mm in machine.Processes)
        {
            for (long page = 0; page < machine.System.Config.Pages; page++)
            {
                if (mm.EntryOf(page) is not { IsPresent: true, Folio: { } folio } || folio == machine.System.ZeroFolio)
                    continue;
                // A file's own, and those that are shared because they are equal, are none of the design's, and have been checked already.
                if (folio.Mapping.ReadOnce() is FileMapping or KsmNode)
                    continue;
                if (!mapped.TryGetValue(folio, out HashSet<(MmStruct, long)>? places))
                    mapped.Add(folio, places = []);
                places.Add((mm, page));
                Holds(CowContextMap.Of(folio)!.IsSelfOrAncestorOf(CowContextMap.Of(mm)!), $"{folio} is below its context in {mm.Name}");
            }

            CheckRemaps(mm);
        }

        foreach ((Folio folio, HashSet<(MmStruct, long)> places) in mapped)
        {
            Holds(folio.MapCount.ReadOnce() == places.Count, $"{folio} has {folio.MapCount.ReadOnce()} mappings, not {places.Count}");
            IReadOnlySet<(MmStruct, long)> found = Walk(machine.System, folio).Places;
            Holds(places.SetEquals(found), $"{folio} is mapped at {Names(places)} and found at {Names(found)}");
        }

        static string Names(IEnumerable<(MmStruct Mm, long Page)> places) =>
            string.Join(" ", places.Select(static place => $"{place.Mm.Name}:{place.Page}").Order(StringComparer.Ordinal));
    }

    public static EntryWalk Walk(MmSystem system, Folio folio)
    {
        var walk = new EntryWalk();
        folio.Lock.Lock();
        system.ReverseMap.Walk(folio, walk);
        folio.Lock.Unlock();
        return walk;
    }

    // A pair of index and offset for each page of a faulted VMA that lies elsewhere.
    private static void CheckRemaps(MmStruct mm)
    {
        var expected = new HashSet<(long, long)>();
        foreach (Vma vma in mm.AllVmas)
        {
            long offset = CowContextMap.OffsetOf(vma);
            for (long i = 0; offset != 0 && vma.AnonVma.ReadOnce() is not null && i < vma.Pages; i++)
                expected.Add((vma.AnonOffset + i, offset));
        }

        var actual = new HashSet<(long, long)>();
        foreach ((long first, long last, RemapEntry entry) in CowContextMap.Of(mm)!.Remaps.Ranges())
        {
            for (long index = first; index <= last; index++)
            {
                for (int i = 0; i < entry.Count; i++)
                    Holds(actual.Add((index, entry[i])), $"index {index} of {mm.Name} has offset {entry[i]} once");
            }
        }

        Holds(expected.IsSubsetOf(actual), $"{mm.Name} finds what it moved: {Names(expected.Except(actual))} are missing");
        Holds(actual.IsSubsetOf(expected), $"{mm.Name} forgets what it unmapped: {Names(actual.Except(expected))} are left");

        static string Names(IEnumerable<(long Index, long Offset)> pairs) =>
            string.Join(" ", pairs.Order().Select(static pair => $"{pair.Index}{pair.Offset:+0;-0}"));
    }

    private static void Holds(bool condition, string what)
    {
        if (!condition)
            throw new InconsistentException(what);
    }
}

/// <summary>Something of <see cref="Consistency"/> does not hold.</summary>
internal sealed class InconsistentException(string message) : Exception(message);
