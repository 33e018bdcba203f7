namespace RcuModel.Torture;

/// <summary>
/// Closes one CPU after the other to all threads of a test, and none in between the last and the first, so that threads
/// move and a CPU comes to rest. Kernel: torture_shuffle().
/// </summary>
internal sealed class Shuffler
{
    private readonly int[] _cpus = Affinity.Allowed();
    private int _closed = -1;

    /// <summary>Closes the next CPU.</summary>
    public void Next(TortureSession session)
    {
        // With one CPU there would be none left.
        if (_cpus.Length < 2)
            return;
        _closed = _closed + 1 == _cpus.Length ? -1 : _closed + 1;
        session.Confine(_closed < 0 ? _cpus : [.. _cpus[.._closed], .. _cpus[(_closed + 1)..]]);
    }
}
