using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace RcuModel.Primitives;

/// <summary>
/// What a body says about its own execution: which threads run side by side, where it branches, what must hold, what
/// must be reachable. A body never knows whether the explorer, Coyote or nobody is running it.
/// </summary>
public static class Execution
{
    /// <summary>A choice has at most this many branches.</summary>
    public const int AlternativesMax = 65_535;

    /// <summary>Runs the bodies side by side, each on a thread of its own, and returns when all have ended.</summary>
    /// <param name="bodies">What the threads run; a trace calls them T1, T2, …</param>
    public static void Run(params ReadOnlySpan<Action> bodies)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            for (int i = 0; i < bodies.Length; i++)
                thread.Spawn(ThreadNames.Default(i), bodies[i], background: false);
            thread.JoinLast(bodies.Length);
            return;
        }

        var threads = new ModelThread[bodies.Length];
        for (int i = 0; i < bodies.Length; i++)
            threads[i] = Start(ThreadNames.Default(i), bodies[i]);
        JoinAll(threads);
    }

    /// <summary>Runs named bodies side by side and returns when all have ended.</summary>
    /// <param name="threads">The threads' names and what they run.</param>
    public static void Run(params ReadOnlySpan<(string Name, Action Body)> threads)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            foreach ((string name, Action body) in threads)
                thread.Spawn(name, body, background: false);
            thread.JoinLast(threads.Length);
            return;
        }

        var free = new ModelThread[threads.Length];
        for (int i = 0; i < threads.Length; i++)
            free[i] = Start(threads[i].Name, threads[i].Body);
        JoinAll(free);
    }

    /// <summary>Starts one thread; <see cref="ModelThread.Join"/> waits for its end.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="body">What it runs.</param>
    public static ModelThread Start(string name, Action body) =>
        Hook.Enabled && Hook.Current is { } thread
            ? new ModelThread(thread.Spawn(name, body, background: false))
            : new ModelThread(FreeThread.Start(name, body, background: false));

    /// <summary>
    /// Starts a worker that serves the others: it may wait for work when everybody else has ended, and nobody joins it.
    /// It must wait in <see cref="Cell{T}.AwaitNotEqual"/> or a sibling, where it is quietly dropped at the end.
    /// </summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="body">What it runs.</param>
    public static void StartBackground(string name, Action body)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            thread.Spawn(name, body, background: true);
        else
            _ = FreeThread.Start(name, body, background: true);
    }

    /// <summary>
    /// Takes one of n branches, numbered from 0. A controller explores each of them; a free thread takes one at random.
    /// </summary>
    /// <param name="alternatives">How many branches there are.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static int Choose(
        int alternatives, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(alternatives, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(alternatives, AlternativesMax);
        if (Hook.Enabled && Hook.Current is { } thread)
            return thread.Choose(alternatives, file, line);
        return FreeThread.Choose(alternatives);
    }

    /// <summary>Says what must hold here. A failure ends the execution and is reported with its interleaving.</summary>
    /// <param name="condition">
    /// What must hold: of values that this thread read, or of cells once all other threads have ended.
    /// </param>
    /// <param name="rule">The rule in words.</param>
    /// <param name="expression">Filled in by the compiler.</param>
    public static void Assert(
        [DoesNotReturnIf(false)] bool condition, string? rule = null,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        // While an abandoned execution unwinds, values are meaningless and a second failure would hide the first.
        if (!condition && !(Hook.Enabled && Hook.Current is { Abandoned: true }))
            Fail(rule ?? expression);
    }

    /// <summary>Notes that this point was reached: an exploration can demand that some execution reaches it.</summary>
    /// <param name="label">What has been reached, in words.</param>
    /// <param name="condition">Counts only if it holds.</param>
    public static void Reached(string label, bool condition = true)
    {
        if (condition && Hook.Enabled && Hook.Current is { } thread)
            thread.Reached(label);
    }

    /// <summary>
    /// Waits until a condition over two cells holds, reading both in one step. No hardware does this: it is for models at
    /// lock grain.
    /// </summary>
    /// <typeparam name="T1">Type of the first cell.</typeparam>
    /// <typeparam name="T2">Type of the second cell.</typeparam>
    /// <param name="first">A cell.</param>
    /// <param name="second">A cell.</param>
    /// <param name="condition">A pure function of both values.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static void Await<T1, T2>(
        ref Cell<T1> first, ref Cell<T2> second, Func<T1, T2, bool> condition,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T1 : unmanaged
        where T2 : unmanaged
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            thread.AwaitMany(
                [first.Location, second.Location],
                static (argument, values) => ((Func<T1, T2, bool>)argument)(
                    Word<T1>.FromBits(values[0].Bits), Word<T2>.FromBits(values[1].Bits)),
                condition, file, line);
            return;
        }

        var wait = default(Backoff);
        while (!condition(first.LoadAcquire(), second.LoadAcquire()))
            wait.Once();
    }

    /// <summary>Waits until a condition over many cells holds, reading all in one step; for models at lock grain.</summary>
    /// <typeparam name="T">Type of the cells.</typeparam>
    /// <param name="cells">The cells.</param>
    /// <param name="condition">A pure function of their values, in order.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public static void Await<T>(
        Cell<T>[] cells, Func<T[], bool> condition,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            int[] footprint = new int[cells.Length];
            for (int i = 0; i < cells.Length; i++)
                footprint[i] = cells[i].Location;
            thread.AwaitMany(
                footprint,
                static (argument, values) =>
                {
                    var seen = new T[values.Length];
                    for (int i = 0; i < seen.Length; i++)
                        seen[i] = Word<T>.FromBits(values[i].Bits);
                    return ((Func<T[], bool>)argument)(seen);
                },
                condition, file, line);
            return;
        }

        var wait = default(Backoff);
        var values = new T[cells.Length];
        do
        {
            for (int i = 0; i < cells.Length; i++)
                values[i] = cells[i].LoadAcquire();
            if (condition(values))
                return;
            wait.Once();
        }
        while (true);
    }

    /// <summary>
    /// Waits until one pointer is something or another one is not something. Hardware does this too, by looking at the two in
    /// turn: of the last look only one value matters. It orders nothing; whoever goes on reads again what it needs.
    /// </summary>
    /// <remarks>With store buffers it waits for its own thread's to be empty, so it belongs behind a read-modify-write.</remarks>
    internal static void AwaitEither<T>(
        ref Ref<T> first, T? equal, ref Ref<T> second, T? different,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            thread.AwaitMany(
                [first.Location, second.Location],
                static (argument, values) => argument is (var equal, var different)
                    && (ReferenceEquals(values[0].Reference, equal) || !ReferenceEquals(values[1].Reference, different)),
                ((object?)equal, (object?)different), file, line, Order.Relaxed);
            return;
        }

        // Awake: who waits here may hold the lock that it has spun for.
        var wait = default(Backoff);
        while (!ReferenceEquals(first.ReadOnce(), equal) && ReferenceEquals(second.ReadOnce(), different))
            wait.OnceAwake();
    }

    [DoesNotReturn, StackTraceHidden]
    private static void Fail(string rule) => throw new AssertionFailedException(rule);

    private static void JoinAll(ModelThread[] threads)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (ModelThread thread in threads)
            failure = thread.JoinQuietly() ?? failure;
        failure?.Throw();
    }
}
