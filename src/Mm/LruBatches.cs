using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Folios on their way to the list of their age, or to those that may be forgotten. A batch holds a reference to each of its folios, so
/// whoever decides by counting references drains the batches first if the folio could be in one. There is one CPU's worth of batches for
/// the whole machine; with batches of no size what is added arrives at once.
/// </summary>
/// <remarks>Kernel: struct cpu_fbatches of swap.c.</remarks>
public sealed class LruBatches : SharedObject
{
    private readonly MmSystem _system;
    private readonly int _size;
    private readonly GrainSpinlock _lock;

    [ThreadPrivate("who holds the lock")]
    private readonly List<Folio> _added = [];

    [ThreadPrivate("who holds the lock")]
    private readonly List<Folio> _forgettable = [];

    internal LruBatches(MmSystem system)
        : base("lru-batches")
    {
        _system = system;
        _size = system.Config.LruBatch;
        _lock = new GrainSpinlock(this, "cpu_fbatches", system.Config.Grain);
    }

    /// <summary>Has everything arrive that is on its way. Kernel: lru_add_drain().</summary>
    public void Drain()
    {
        if (_size == 0)
            return;
        Empty(_added, Arrive, 0);
        Empty(_forgettable, MakeForgettable, 0);
    }

    /// <summary>A new folio is to be in the list of its age. Kernel: folio_add_lru().</summary>
    /// <param name="folio">The folio.</param>
    internal void Add(Folio folio) => Put(_added, folio, Arrive);

    /// <summary>The content of a folio may be forgotten until it is written again. Kernel: folio_mark_lazyfree().</summary>
    /// <param name="folio">The folio.</param>
    internal void Forget(Folio folio)
    {
        if (folio.OnLru.ReadOnce() && folio.SwapBacked.ReadOnce() && folio.Swap.ReadOnce() is null)
            Put(_forgettable, folio, MakeForgettable);
    }

    private static void Arrive(Folio folio) => folio.OnLru.StoreRelease(true);

    // Kernel: lru_lazyfree().
    private static void MakeForgettable(Folio folio)
    {
        if (folio.Swap.ReadOnce() is null)
            folio.SwapBacked.WriteOnce(false);
    }

    private void Put(List<Folio> batch, Folio folio, Action<Folio> move)
    {
        if (_size == 0)
        {
            move(folio);
            return;
        }

        folio.Get();
        _lock.Lock();
        batch.Add(folio);
        _lock.Unlock();
        Empty(batch, move, _size - 1);
    }

    // Empties a batch that has more than so many.
    private void Empty(List<Folio> batch, Action<Folio> move, int limit)
    {
        _lock.Lock();
        Folio[] moved = batch.Count > limit ? [.. batch] : [];
        if (moved.Length > 0)
            batch.Clear();
        _lock.Unlock();
        foreach (Folio folio in moved)
        {
            move(folio);
            _system.PutFolio(folio);
        }
    }
}
