using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// A reader until it is disposed of. The JIT knows the flavour where a scope is used, so that leaving is no call.
/// </summary>
/// <typeparam name="TFlavour">The flavour, whose Read gives it.</typeparam>
public readonly ref struct RcuSection<TFlavour>
    where TFlavour : Rcu, IRcuFlavour
{
    private readonly RcuReader _reader;

    internal RcuSection(RcuReader reader) => _reader = reader;

    /// <summary>Loads a pointer that updaters replace. Kernel: rcu_dereference().</summary>
    /// <typeparam name="T">What it points to.</typeparam>
    /// <param name="pointer">The pointer.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Dereference<T>(
        ref Ref<T> pointer, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Dereference(_reader.Domain, file, line);

        // Acquire pairs with the release in Assign.
        return pointer.LoadAcquire(file, line);
    }

    /// <summary>Loads an index or a version that updaters replace. Kernel: rcu_dereference().</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="cell">The cell.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Dereference<T>(
        ref Cell<T> cell, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Dereference(_reader.Domain, file, line);

        // Acquire pairs with the release in Assign.
        return cell.LoadAcquire(file, line);
    }

    /// <summary>Leaves the reader.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.Leave(_reader.Domain, _reader, "", 0);
        TFlavour.Leave(_reader);
    }
}
